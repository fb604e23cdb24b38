//! Waiting until clients are done with a node.

use std::time::{Duration, Instant};

use tokio::time::sleep;

use super::{Context, Outcome, StepError};
use crate::model::NodeName;

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
        let detail = match busy(context, node).await? {
            0 => "no statement or transaction of a client runs".to_owned(),
            busy if started.elapsed().as_secs() >= seconds => {
                format!("{busy} still busy after {seconds} s: what they have not committed is cut off")
            }
            _ => {
                sleep(POLL).await;
                continue;
            }
        };
        return Ok(Some(detail));
    }
}

async fn busy(context: &Context, node: &NodeName) -> Result<u64, StepError> {
    let rows = context.database(node)?.run(&[BUSY]).await?;
    let count = rows.first().and_then(|row| row.first()).and_then(|count| count.parse().ok());
    count.ok_or_else(|| StepError::new("the server does not tell what its clients do"))
}
