//! That no pt-online-schema-change is at work on a table: its copy takes the table's place at the end, as it was before.

use std::time::Duration;

use tokio::time::sleep;

use super::Context;
use crate::galera::alter::Table;
use crate::galera::alter::pt_osc::{Left, OscSeen, left, program, replicated, script, sessions};
use crate::kernel::facts::{END, HEAD, Report};
use crate::kernel::judge::PLACE;
use crate::kernel::model::NodeName;
use crate::kernel::run::step_error::StepError;
use crate::kernel::transport::RemoteCommand;

/// Between two statements it says nothing: one that copies rows shows itself within a few of these looks.
const LOOKS: usize = 15;
const PAUSE: Duration = Duration::from_millis(200);
const LOOK: Duration = Duration::from_secs(60);
/// For how long the write-sets of other nodes' clients are counted.
const COUNTED: Duration = Duration::from_secs(3);

/// Errors: one is at work on the table, or may be, or has left something.
pub async fn nothing_of_it(context: &Context, node: &NodeName, table: &Table) -> Result<(), StepError> {
    nobody_is_at_work(context, table, 1).await?;
    let (own, of_others) = beside(context, node, table).await?;
    match [own, of_others].into_iter().find(|it| !it.is_empty()) {
        None => Ok(()),
        Some(left) => Err(surprise(table, node, &left.words(), "the table was not changed")),
    }
}

/// What galactl's own has left beside the table, and what triggers of others have.
pub async fn beside(context: &Context, node: &NodeName, table: &Table) -> Result<(Left, Left), StepError> {
    let seen = OscSeen::read(&context.database(node)?.apart(&script(table), LOOK).await?);
    if let Some(words) = seen.error {
        return Err(StepError::new(format!("{node} does not tell what is beside {table}: {words}")));
    }
    let found = left(table, &seen);
    Ok((found.own, found.of_others))
}

/// Looks at processes once, and several times at sessions.
///
/// Errors: one is at work on the table, on a data node or through one.
pub async fn nobody_is_anywhere(context: &Context, table: &Table) -> Result<(), StepError> {
    nobody_is_at_work(context, table, LOOKS).await
}

async fn nobody_is_at_work(context: &Context, table: &Table, looks: usize) -> Result<(), StepError> {
    for node in context.inventory.start_order() {
        let command = RemoteCommand::of_pieces(&[HEAD, program::LOOK, END], [""; 0]);
        let said = context.host(&node.name)?.succeed(command).await?;
        let report = Report::parse(&said).map_err(|error| StepError::new(error.to_string()))?;
        if let Some(what) = OscSeen::default().with_host(&report, table).at_work(table) {
            return Err(surprise(table, &node.name, &what, "nothing was changed"));
        }
    }
    let statement = sessions("session", table);
    for look in 0..looks {
        for node in context.inventory.start_order() {
            let rows = context.database(&node.name)?.run(&[&statement]).await?;
            if let Some(words) = rows.first().and_then(|row| row.last()) {
                return Err(surprise(table, &node.name, words, "nothing was changed"));
            }
        }
        if look + 1 < looks {
            sleep(PAUSE).await;
        }
    }
    Ok(())
}

fn surprise(table: &Table, node: &NodeName, what: &str, so_far: &str) -> StepError {
    StepError::surprise(format!(
        "a pt-online-schema-change is at work on {table}, or was; {node} shows {what}"
    ))
    .left(format!("{so_far}; wait for its end, then galactl alter {PLACE} with the same words again"))
}

/// Errors: clients of another node write too: a row that they delete while it is copied would come back.
pub async fn writes_come_from(context: &Context, at: &NodeName) -> Result<(), StepError> {
    let before = write_sets(context, at).await?;
    sleep(COUNTED).await;
    let after = write_sets(context, at).await?;
    let Some(((node, _), _)) = before.iter().zip(&after).find(|(before, after)| before != after) else {
        return Ok(());
    };
    Err(StepError::surprise(format!(
        "clients write at {node} too: a row that they delete while {at} copies it would come back"
    ))
    .left("pt-online-schema-change was not started")
    .left(format!(
        "let all clients write at {at} only, and leave out --ledger, which writes on every node; then galactl alter {PLACE} with the same words again, or with --by toi"
    )))
}

/// How many write-sets the clients of each other node have made.
async fn write_sets(context: &Context, at: &NodeName) -> Result<Vec<(NodeName, String)>, StepError> {
    let mut counted = Vec::new();
    for node in context.inventory.start_order().filter(|node| node.name != *at) {
        let rows = context.database(&node.name)?.run(&[&replicated("replicated")]).await?;
        let count = rows.into_iter().next().and_then(|row| row.into_iter().last());
        counted.push((node.name.clone(), count.unwrap_or_default()));
    }
    Ok(counted)
}
