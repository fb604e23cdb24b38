//! Waiting until clients are done with a node.

use crate::kernel::run::step_error::StepError;
use std::time::{Duration, Instant};

use tokio::time::sleep;

use super::{Context, Outcome};
use crate::kernel::model::NodeName;
use crate::kernel::model::words::count;

const POLL: Duration = Duration::from_millis(200);

/// Statements that run, and transactions that are open between two of them. Appliers and the event
/// scheduler are the server's own, and a replica's connection never ends.
const BUSY: &str = "SELECT COUNT(*) FROM information_schema.PROCESSLIST AS p
    LEFT JOIN information_schema.INNODB_TRX AS t ON t.trx_mysql_thread_id = p.ID
    WHERE p.ID <> CONNECTION_ID() AND p.USER NOT IN ('system user', 'event_scheduler')
    AND p.COMMAND NOT IN ('Daemon', 'Connect', 'Binlog Dump')
    AND (p.COMMAND <> 'Sleep' OR t.trx_id IS NOT NULL)";

/// Time that is up is no failure: a client never heard that what is cut off was committed.
pub async fn apply(context: &Context, node: &NodeName, seconds: u64) -> Outcome {
    let started = Instant::now();
    loop {
        let busy = busy(context, node).await?;
        if busy == 0 {
            return Ok(Some("no statement or transaction of a client runs".into()));
        }
        if started.elapsed().as_secs() >= seconds {
            let clients = count(busy, "client");
            return Ok(Some(format!(
                "{clients} still busy after {seconds} s; what is not committed is cut off"
            )));
        }
        sleep(POLL).await;
    }
}

async fn busy(context: &Context, node: &NodeName) -> Result<usize, StepError> {
    let rows = context.database(node)?.run(&[BUSY]).await?;
    let count = rows.first().and_then(|row| row.first()).and_then(|count| count.parse().ok());
    count.ok_or_else(|| StepError::new("the server does not tell what its clients do"))
}
