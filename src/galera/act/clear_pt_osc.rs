//! Removing what an interrupted pt-online-schema-change has left.

use std::time::Duration;

use tokio::time::sleep;

use super::{Context, Outcome};
use crate::galera::alter::Table;
use crate::galera::alter::pt_osc::{Left, OscSeen, left, program, script, sessions};
use crate::kernel::facts::{END, HEAD, Report};
use crate::kernel::judge::PLACE;
use crate::kernel::model::NodeName;
use crate::kernel::run::step_error::StepError;
use crate::kernel::transport::RemoteCommand;

/// Between two statements it says nothing: one that copies rows shows itself within a few of these looks.
const LOOKS: usize = 15;
const PAUSE: Duration = Duration::from_millis(200);
/// The table of before may be large.
const DEADLINE: Duration = Duration::from_secs(3600);
const LOOK: Duration = Duration::from_secs(60);

pub async fn apply(context: &Context, node: &NodeName, table: &Table, wanted: &Left) -> Outcome {
    nobody_is_at_work(context).await?;
    let database = context.database(node)?;
    let seen = OscSeen::read(&database.apart(&script(table), LOOK).await?);
    let (there, others) = left(table, &seen);
    if let Some(name) = wanted.tables.iter().find(|name| others.contains(name)) {
        let message = format!("{}.{name} has rows now, and may be somebody else's", table.schema);
        return Err(StepError::surprise(message).left("nothing was removed"));
    }
    let still = |names: &[String], there: &[String]| -> Vec<String> {
        names.iter().filter(|name| there.contains(name)).cloned().collect()
    };
    let still = Left {
        triggers: still(&wanted.triggers, &there.triggers),
        tables: still(&wanted.tables, &there.tables),
    };
    for statement in still.statements(&table.schema) {
        // The global value may be RSU, and then the other nodes would keep it.
        let statements = ["SET SESSION wsrep_OSU_method = 'TOI'", statement.as_str()];
        database.act(&statements, DEADLINE).await?;
    }
    Ok(Some(if still.is_empty() {
        "it is gone already".into()
    } else {
        format!("removed {}", still.words())
    }))
}

/// Errors: a pt-online-schema-change is at work on a data node, or through one.
async fn nobody_is_at_work(context: &Context) -> Result<(), StepError> {
    let at_work = |node: &NodeName, what: &str| {
        StepError::surprise(format!("a pt-online-schema-change is at work on {node}: {what}")).left(format!(
            "nothing was removed; wait for its end, then galactl alter {PLACE} with the same words again"
        ))
    };
    for node in context.inventory.start_order() {
        let command = RemoteCommand::of_pieces(&[HEAD, program::LOOK, END], [""; 0]);
        let said = context.host(&node.name)?.succeed(command).await?;
        let report = Report::parse(&said).map_err(|error| StepError::new(error.to_string()))?;
        if let Some(pid) = OscSeen::default().with_host(&report).processes.first() {
            return Err(at_work(&node.name, &format!("process {pid}")));
        }
    }
    let statement = sessions("session");
    for _ in 0..LOOKS {
        for node in context.inventory.start_order() {
            let rows = context.database(&node.name)?.run(&[&statement]).await?;
            if let Some(words) = rows.first().and_then(|row| row.last()) {
                return Err(at_work(&node.name, words));
            }
        }
        sleep(PAUSE).await;
    }
    Ok(())
}
