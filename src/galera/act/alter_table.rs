//! A change of a table by TOI.

use std::time::{Duration, Instant};

use tokio::time::sleep;

use super::{Context, Outcome};
use crate::galera::alter::{Change, Definition, Table, seconds};
use crate::galera::plan::Step;
use crate::galera::sql::{Database, literal};
use crate::kernel::judge::PLACE;
use crate::kernel::run::event::Event;
use crate::kernel::run::step_error::StepError;

/// A large table may take days. The server goes on by itself whatever becomes of the connection.
const DEADLINE: Duration = Duration::from_secs(7 * 86_400);
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
    let there = Definition::of(&definition(&database, work.table).await?);
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
    Ok(Some(format!("all writes waited for no longer than {}", seconds(took))))
}

/// What `SHOW CREATE TABLE` prints on a node.
pub async fn definition(database: &Database, table: &Table) -> Result<String, StepError> {
    let rows = database.run(&[&format!("SHOW CREATE TABLE {}", table.quoted())]).await?;
    // The host's own client prints the lines of the definition as rows.
    let lines: Vec<String> = rows.into_iter().map(|row| row.join("\t")).collect();
    let text = lines.join("\n");
    let begin = text.find("CREATE TABLE").unwrap_or_default();
    Ok(text[begin..].to_owned())
}

fn changed(table: &Table) -> StepError {
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
