//! A change of a table by TOI.

use std::time::{Duration, Instant};

use tokio::time::sleep;

use super::{Context, Outcome};
use crate::galera::alter::{Change, Definition, Reading, Table, TableSeen, script, seconds};
use crate::galera::plan::Step;
use crate::galera::sql::{Database, literal};
use crate::kernel::judge::PLACE;
use crate::kernel::run::event::Event;
use crate::kernel::run::step_error::StepError;

/// A large table may take days. The server goes on by itself whatever becomes of the connection.
const DEADLINE: Duration = Duration::from_secs(7 * 86_400);
/// For a look at the table, which waits while the server changes it.
const LOOK: Duration = Duration::from_secs(30);
const POLL: Duration = Duration::from_secs(1);

pub struct Work<'a> {
    pub table: &'a Table,
    pub change: &'a Change,
    pub before: &'a str,
    pub after: &'a str,
}

impl Work<'_> {
    fn statement(&self) -> String {
        format!("ALTER TABLE {} {}", self.table.quoted(), self.change)
    }
}

/// Looks first: the statement of a connection that was lost may still run, or may be done.
///
/// Errors: the table is not the one that the plan was made for; the server refuses the change.
pub async fn apply(context: &Context, step: &Step, work: &Work<'_>) -> Outcome {
    let database = context.database(&step.node)?;
    let (statement, started) = (work.statement(), Instant::now());
    while let Some(progress) = progress(&database, &statement).await? {
        tell(context, step, progress);
        sleep(POLL).await;
    }
    let there = definition(&database, work.table).await?;
    if there.whole != work.before {
        return match there.as_copied == work.after {
            true => Ok(Some("the table is like that already".into())),
            false => Err(changed(work.table)),
        };
    }
    // The global value may be RSU, and then the other nodes would not do it.
    let statements = ["SET SESSION wsrep_OSU_method = 'TOI', max_statement_time = 0", &statement];
    let act = database.act(&statements, DEADLINE);
    let watch = async {
        loop {
            sleep(POLL).await;
            // The server may be too busy to tell; the statement itself says how it ends.
            if let Ok(Some(progress)) = progress(&database, &statement).await {
                tell(context, step, progress);
            }
        }
    };
    tokio::select! {
        done = act => done.map_err(StepError::from)?,
        () = watch => {}
    }
    let took = u64::try_from(started.elapsed().as_millis()).unwrap_or(u64::MAX);
    // The other nodes may need longer; the proof waits for them.
    Ok(Some(format!("{} took {}", step.node, seconds(took))))
}

/// The table's definition on a node, asked in the same way as for the plan: another way might show it otherwise.
///
/// Errors: the node gives no answer, or there is no such table.
pub async fn definition(database: &Database, table: &Table) -> Result<Definition, StepError> {
    let printed = database.apart(&script::definition(table), LOOK).await?;
    match Reading::table(&printed) {
        TableSeen { definition, .. } if !definition.is_empty() => Ok(Definition::of(&definition)),
        TableSeen { error, .. } => {
            Err(StepError::new(error.unwrap_or_else(|| format!("{table} is no table"))))
        }
    }
}

pub fn changed(table: &Table) -> StepError {
    StepError::surprise(format!("{table} has another definition than when the plan was made")).left(format!(
        "the table is as somebody else made it; galactl alter {PLACE} with the same words plans anew"
    ))
}

/// How far the statement is, where it runs: a share between 0 and 1, and the server's word.
async fn progress(database: &Database, statement: &str) -> Result<Option<(f64, String)>, StepError> {
    let ask = format!(
        "SELECT STAGE, MAX_STAGE, PROGRESS, IFNULL(STATE, '') FROM information_schema.PROCESSLIST WHERE INFO = {}",
        literal(statement)
    );
    let rows = database.run(&[&ask]).await?;
    let row = rows.into_iter().next();
    Ok(row.and_then(|row| <[String; 4]>::try_from(row).ok()).map(|[stage, stages, progress, state]| {
        let number = |text: &str| text.parse::<f64>().unwrap_or_default();
        let stages = number(&stages).max(1.0);
        let done = (number(&stage) - 1.0).max(0.0) + number(&progress) / 100.0;
        ((done / stages).clamp(0.0, 0.99), state)
    }))
}

fn tell(context: &Context, step: &Step, (fraction, state): (f64, String)) {
    let message = format!("{state}, {:.0} %", fraction * 100.0);
    context.report(&Event::StepProgress { id: step.id.clone(), message, fraction: Some(fraction) });
}
