//! That no pt-online-schema-change is at work on a table: its copy takes the table's place at the end, as it was before.

use std::time::Duration;

use super::Context;
use crate::galera::alter::Table;
use crate::galera::alter::pt_osc::{OscSeen, PROCESSES, left, script, sessions};
use crate::kernel::facts::{END, HEAD, Report};
use crate::kernel::judge::PLACE;
use crate::kernel::model::NodeName;
use crate::kernel::run::step_error::StepError;
use crate::kernel::transport::RemoteCommand;

const LOOK: Duration = Duration::from_secs(60);

/// Errors: one is at work on the table, or may be, or has left something.
pub async fn nothing_of_it(context: &Context, node: &NodeName, table: &Table) -> Result<(), StepError> {
    nobody_is_at_work(context, table).await?;
    let seen = OscSeen::read(&context.database(node)?.apart(&script(table), LOOK).await?);
    if let Some(words) = seen.error {
        return Err(StepError::new(format!("{node} does not tell what is beside {table}: {words}")));
    }
    let left = left(table, &seen);
    match left.is_empty() {
        true => Ok(()),
        false => Err(surprise(table, node, &left.words(), "the table was not changed")),
    }
}

async fn nobody_is_at_work(context: &Context, table: &Table) -> Result<(), StepError> {
    for node in context.inventory.start_order() {
        let command = RemoteCommand::of_pieces(&[HEAD, PROCESSES, END], [""; 0]);
        let said = context.host(&node.name)?.succeed(command).await?;
        let report = Report::parse(&said).map_err(|error| StepError::new(error.to_string()))?;
        if let Some(what) = OscSeen::default().with_host(&report, table).at_work() {
            return Err(surprise(table, &node.name, &what, "nothing was changed"));
        }
    }
    let statement = sessions("session", table);
    for node in context.inventory.start_order() {
        let rows = context.database(&node.name)?.run(&[&statement]).await?;
        if let Some(words) = rows.first().and_then(|row| row.last()) {
            return Err(surprise(table, &node.name, words, "nothing was changed"));
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
