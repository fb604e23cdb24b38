//! What a load test that was killed has left.

use std::collections::BTreeSet;
use std::time::{Duration, Instant};

use tokio::time::sleep;

use super::stay::clear;
use crate::galera::guest::act::Way;
use crate::galera::guest::is_named;
use crate::galera::model::LOAD_PREFIX;
use crate::galera::proxy::proxysql;
use crate::galera::sql::{Database, DbError, literal};
use crate::kernel::run::step_error::StepError;

/// How long connections of a galactl that was killed may last: a server ends them after the statement at which it is.
const GOING: Duration = Duration::from_secs(10);
const LOOK_AGAIN: Duration = Duration::from_millis(500);

/// Removes what earlier load tests have left, and puts back what they have changed. Returns sentences about it.
///
/// Errors: another load test is at work.
pub async fn sweep(way: &Way<'_>, server: &Database) -> Result<Vec<String>, StepError> {
    let mut told = Vec::new();
    for name in names(server).await? {
        if is_at_work(way, &name).await {
            return Err(StepError::new(format!(
                "another load test is at work on this cluster: {name} has connections. Two at once measure each other. \
                 Wait until it has ended. Where the machine that ran it has gone, the servers end its connections within \
                 a minute or two: then type the same command again"
            )));
        }
        // A ProxySQL that cannot be told forgets the account at its next start.
        let _ = proxysql::act::remove_account(way.inventory, way.fleet, &name).await;
        let left = clear(way, server, &name).await;
        if left.is_empty() {
            told.push(format!("removed what a load test had left that was cut off: {name}"));
        }
        told.extend(left);
    }
    Ok(told)
}

/// Databases and accounts of load tests. The account is made first, and goes first.
async fn names(server: &Database) -> Result<BTreeSet<String>, DbError> {
    let databases = server.run(&["SHOW DATABASES"]).await?;
    let accounts = server.run(&["SELECT User FROM mysql.user WHERE Host = '%'"]).await?;
    let found = databases.into_iter().chain(accounts).flatten();
    Ok(found.filter(|name| is_named(LOAD_PREFIX, name)).collect())
}

async fn is_at_work(way: &Way<'_>, name: &str) -> bool {
    let since = Instant::now();
    while has_connections(way, name).await {
        if since.elapsed() > GOING {
            return true;
        }
        sleep(LOOK_AGAIN).await;
    }
    false
}

async fn has_connections(way: &Way<'_>, name: &str) -> bool {
    let count = format!("SELECT COUNT(*) FROM information_schema.PROCESSLIST WHERE USER = {}", literal(name));
    for node in &way.inventory.nodes {
        let Some(server) = way.database(&node.name) else { continue };
        // A server that gives no answer has no clients either.
        if server.run(&[&count]).await.is_ok_and(|rows| rows != [["0"]]) {
            return true;
        }
    }
    false
}
