//! A statement on one node, in front of which no client waits for long.

use std::sync::Arc;
use std::time::Duration;

use tokio::time::sleep;

use super::Context;
use super::psql::{run, run_for};
use crate::kernel::run::Acting as _;
use crate::kernel::run::Outcome;
use crate::kernel::run::event::Event;
use crate::kernel::run::step_error::StepError;
use crate::mesh::model::DatabaseName;
use crate::mesh::plan::Step;
use crate::mesh::statements::Sending;
use crate::mesh::statements::rows::confirmed;

/// Whoever waits for a table's lock holds up all that come later.
const LOCK: &str = "2s";
/// Between two tries, clients that were held up go on.
const PAUSE: Duration = Duration::from_secs(3);
const TRIES: u32 = 40;
/// An index, or a table that is written anew, takes its time.
const PATIENCE: Duration = Duration::from_secs(12 * 3600);

/// `alone`: the statement cannot stand in a transaction.
pub async fn apply(
    context: &Arc<Context>,
    step: &Step,
    database: &DatabaseName,
    statements: &str,
    alone: bool,
) -> Outcome {
    let session = format!(
        "SET client_encoding = 'UTF8'; SET lc_messages = 'C'; SET search_path = public; SET lock_timeout = '{LOCK}';\n"
    );
    let (begin, end) = if alone { ("", "") } else { ("BEGIN;\n", "COMMIT;\n") };
    let text = format!("{session}{begin}{statements}{end}");
    for tried in 1.. {
        let error = match run_for(context, &step.node, database.as_str(), &text, PATIENCE).await {
            Ok(said) if said.contains("has-null") => {
                return Err(StepError::surprise(format!("{}: rows have NULL there", step.node))
                    .left("fill them on one node, and see that no client writes NULL; then the same command goes on"));
            }
            Ok(_) => return Ok(None),
            Err(error) => error,
        };
        if tried == TRIES || !error.message.contains("lock timeout") || context.interrupt().requested() {
            return Err(error.left("the same command goes on from here"));
        }
        let message = format!("a client has the table; try {} of {TRIES}", tried + 1);
        context.reporter().event(&Event::StepProgress { id: step.id.clone(), message, fraction: None });
        sleep(PAUSE).await;
    }
    Ok(None)
}

/// All readers of the node have what it has written so far.
pub async fn await_sent(context: &Context, step: &Step, database: &DatabaseName) -> Outcome {
    let inventory = &context.inventory;
    let own = context.node(&step.node)?;
    for reader in inventory.others(&step.node) {
        let slot = Sending::slot_of(inventory, database, reader, own);
        run(context, &step.node, database.as_str(), &confirmed(&slot)).await.map_err(|error| {
            error.left(format!("{} does not keep up; the same command goes on from here", reader.name))
        })?;
    }
    Ok(None)
}
