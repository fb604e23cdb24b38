//! A change of a table on this node only (RSU), which clients do not reach.

use std::time::{Duration, Instant};

use tokio::time::sleep;

use super::alter_table::{Work, changed, definition, progress, tell, told};
use super::no_pt_osc::nothing_of_it;
use super::{Context, Outcome};
use crate::galera::alter::server_error::tells_no_end;
use crate::galera::alter::{script, seconds};
use crate::galera::health;
use crate::galera::plan::Step;
use crate::galera::sql::{Database, DbError};
use crate::kernel::model::NodeName;
use crate::kernel::model::words::count;
use crate::kernel::run::poll::{Awaited, Look, Sign, Wait, Waited};
use crate::kernel::run::step_error::StepError;

const POLL: Duration = Duration::from_secs(1);
/// The node catches up; each write-set less is progress.
const PATIENCE: Duration = Duration::from_secs(600);
/// Whoever has the table open, and waits for the node that has stopped applying, would wait for ever. Seconds.
const LOCK_WAIT: u32 = 10;
/// Statements and transactions of clients on the host itself, which a drain does not see.
const LOCAL: &str = "SELECT COUNT(*) FROM information_schema.PROCESSLIST AS p
    LEFT JOIN information_schema.INNODB_TRX AS t ON t.trx_mysql_thread_id = p.ID
    WHERE p.ID <> CONNECTION_ID() AND p.USER NOT IN ('system user', 'event_scheduler')
    AND p.COMMAND NOT IN ('Daemon', 'Connect', 'Binlog Dump') AND p.HOST NOT LIKE '%:%' AND t.trx_id IS NOT NULL";

/// Errors: clients are connected still, the table is not the one that the plan was made for, the server refuses the
/// change. The node takes clients again then. It does not where nobody knows what has become of the statement.
pub async fn apply(context: &Context, step: &Step, work: &Work<'_>) -> Outcome {
    match alter(context, step, work).await {
        Err(Ended { error, unknown: true }) => {
            Err(error.left(format!("{} is still drained; the same command lets it in again", step.node)))
        }
        Err(Ended { error, .. }) if !error.lost => match health::act::lift(context, &step.node).await {
            Ok(()) => Err(error.left(format!("{} takes clients again", step.node)).left(again(work))),
            Err(lift) => Err(error.left(format!("{} is still drained: {}", step.node, lift.message))),
        },
        done => done.map_err(|ended| ended.error),
    }
}

/// How it failed.
struct Ended {
    error: StepError,
    /// The statement may run still.
    unknown: bool,
}

impl From<StepError> for Ended {
    fn from(error: StepError) -> Self {
        Self { error, unknown: false }
    }
}

fn again(work: &Work<'_>) -> String {
    format!("nodes that are done stay so; to go on with the others: {}", work.again)
}

fn refused(work: &Work<'_>, error: DbError) -> Ended {
    let unknown = matches!(&error, DbError::Server(words) if tells_no_end(words));
    Ended { error: work.refused(error), unknown }
}

async fn alter(context: &Context, step: &Step, work: &Work<'_>) -> Result<Option<String>, Ended> {
    let database = context.database(&step.node)?;
    let (statement, started) = (work.statement(), Instant::now());
    while let Some(progress) = progress(&database, &statement).await? {
        tell(context, step, progress);
        sleep(POLL).await;
    }
    let there = definition(&database, work.table).await?;
    if there.whole != work.before {
        return match there.as_copied == work.after {
            true => Ok(catch_up(context, step, &database, "it is like that already".into()).await?),
            false => Err(changed(work.table, &work.again).into()),
        };
    }
    nothing_of_it(context, &step.node, work.table).await?;
    nobody_is_there(context, &step.node, &database).await?;
    let (strict, wait) = (script::strict(), format!("SET SESSION lock_wait_timeout = {LOCK_WAIT}"));
    let method = "SET SESSION wsrep_OSU_method = 'RSU', max_statement_time = 0";
    let statements = [method, wait.as_str(), strict.as_str(), statement.as_str()];
    told(context, step, &database, &statements).await.map_err(|error| refused(work, error))?;
    let took = seconds(u64::try_from(started.elapsed().as_millis()).unwrap_or(u64::MAX));
    Ok(catch_up(context, step, &database, format!("it took {took}")).await?)
}

async fn nobody_is_there(context: &Context, node: &NodeName, database: &Database) -> Result<(), StepError> {
    let remote = health::act::sessions(&context.inventory);
    for (what, query) in [("session", remote.as_str()), ("open transaction on the host itself", LOCAL)] {
        let rows = database.run(&[query]).await?;
        let left = rows.first().and_then(|row| row.first()).and_then(|count| count.parse::<usize>().ok());
        let left = left.ok_or_else(|| StepError::new("the server does not tell how many sessions it has"))?;
        if left > 0 {
            let message = format!(
                "clients are on {node} still: {}; the ALTER could wait for them, and they for the node",
                count(left, what)
            );
            return Err(StepError::new(message).left(format!(
                "{node} was not changed; SHOW PROCESSLIST there tells whose they are; a longer `endpoint.drain` gives them more time"
            )));
        }
    }
    Ok(())
}

/// Waits until the node is Synced, and has applied what came meanwhile.
async fn catch_up(context: &Context, step: &Step, database: &Database, said: String) -> Outcome {
    let wait = Wait::new(POLL, PATIENCE)
        .told(context.reporter.as_ref(), &step.id)
        .interrupted_by(&context.interrupt);
    match wait.until(CaughtUp { database }).await? {
        Waited::Found(()) => Ok(Some(format!("{said}; Synced, and nothing waits to be applied"))),
        Waited::Idle(word) => {
            Err(StepError::new(format!("the table is changed, and the node does not catch up: {word}")))
        }
    }
}

struct CaughtUp<'a> {
    database: &'a Database,
}

impl Awaited for CaughtUp<'_> {
    type Found = ();

    async fn look(&mut self) -> Result<Look<()>, StepError> {
        let (live, status) = (self.database.live().await?, self.database.status().await?);
        let queue = status.get("wsrep_local_recv_queue").map_or("?", String::as_str);
        Ok(match live.is_synced() && queue == "0" {
            true => Look::Found(()),
            false => Look::NotYet(Sign::word(format!("{}, {queue} write-sets wait", live.local_state))),
        })
    }
}
