//! Waiting until clients are done with a node.

use std::time::Duration;

use super::{Context, Outcome};
use crate::kernel::model::NodeName;
use crate::kernel::model::words::count;
use crate::kernel::run::poll::{Awaited, Look, Sign, Wait, Waited};
use crate::kernel::run::step_error::StepError;

const POLL: Duration = Duration::from_millis(200);

/// Statements that run, and transactions that are open between two of them. Appliers and the event
/// scheduler are the server's own, and a replica's connection never ends.
const BUSY: &str = "SELECT COUNT(*) FROM information_schema.PROCESSLIST AS p
    LEFT JOIN information_schema.INNODB_TRX AS t ON t.trx_mysql_thread_id = p.ID
    WHERE p.ID <> CONNECTION_ID() AND p.USER NOT IN ('system user', 'event_scheduler')
    AND p.COMMAND NOT IN ('Daemon', 'Connect', 'Binlog Dump')
    AND (p.COMMAND <> 'Sleep' OR t.trx_id IS NOT NULL)";

/// That the time is up is no failure: no client was told of a transaction that is cut off that it was committed.
pub async fn apply(context: &Context, node: &NodeName, seconds: u64) -> Outcome {
    let mut clients = Clients { context, node, busy: 0 };
    let wait = Wait::new(POLL, Duration::from_secs(seconds)).interrupted_by(&context.interrupt);
    Ok(Some(match wait.until(&mut clients).await? {
        Waited::Found(()) => "no statement or transaction of a client runs".into(),
        Waited::Idle(_) => {
            let clients = count(clients.busy, "client");
            format!("{clients} still busy after {seconds} s; what is not committed is cut off")
        }
    }))
}

/// The clients that are still at work on a node.
struct Clients<'a> {
    context: &'a Context,
    node: &'a NodeName,
    busy: usize,
}

impl Awaited for Clients<'_> {
    type Found = ();

    /// Clients come and go, so a smaller number of them is no progress. The plan says how long they get.
    async fn look(&mut self) -> Result<Look<()>, StepError> {
        self.busy = busy(self.context, self.node).await?;
        Ok(if self.busy == 0 { Look::Found(()) } else { Look::NotYet(Sign::default()) })
    }
}

async fn busy(context: &Context, node: &NodeName) -> Result<usize, StepError> {
    let rows = context.database(node)?.run(&[BUSY]).await?;
    let count = rows.first().and_then(|row| row.first()).and_then(|count| count.parse().ok());
    count.ok_or_else(|| StepError::new("the server does not tell what its clients do"))
}
