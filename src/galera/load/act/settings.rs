//! What servers log about conflicts: switched on for the run, and put back as it was.
//!
//! The former values stand in a table of the load test's own database before anything is changed. Where galactl was
//! killed, the next load test finds that database without a client, and puts them back from there.

use crate::galera::guest::act::Way;
use crate::galera::sql::{Database, DbError, Row, literal};
use crate::kernel::model::NodeName;

/// The table of former values.
pub const FORMER: &str = "former";
/// Each is dynamic in every release, and of one server only.
const VARIABLES: [&str; 2] = ["wsrep_log_conflicts", "innodb_print_all_deadlocks"];
/// Seconds by which the start of one and the same server may seem to differ: both clocks count whole seconds.
const SAME_START: i64 = 5;
/// The values, and when the server was started.
const READ: &str = "SELECT @@GLOBAL.wsrep_log_conflicts, @@GLOBAL.innodb_print_all_deadlocks, \
    CAST(UNIX_TIMESTAMP() - VARIABLE_VALUE AS SIGNED) FROM information_schema.GLOBAL_STATUS WHERE VARIABLE_NAME = 'UPTIME'";

pub fn table(database: &str) -> String {
    format!(
        "CREATE TABLE {database}.{FORMER} (node VARCHAR(64), variable VARCHAR(64), value INT NOT NULL, \
         up_since BIGINT NOT NULL, PRIMARY KEY (node, variable)) ENGINE=InnoDB"
    )
}

/// Notes the node's values, and switches both on.
pub async fn switch_on(server: &Database, node: &NodeName, database: &str) -> Result<(), DbError> {
    let Some(now) = read(server).await? else { return Ok(()) };
    for (variable, value) in VARIABLES.iter().zip(now.values) {
        let insert = format!(
            "INSERT INTO {database}.{FORMER} VALUES ({}, {}, {value}, {})",
            literal(node.as_str()),
            literal(variable),
            now.up_since
        );
        server.run(&["SET SESSION wsrep_sync_wait = 15", &insert]).await?;
    }
    let on = VARIABLES.map(|variable| format!("SET GLOBAL {variable} = ON"));
    server.run(&on.each_ref().map(String::as_str)).await.map(drop)
}

/// Puts back what a load test has changed. Returns the nodes on which that was not possible.
pub async fn put_back(way: &Way<'_>, server: &Database, database: &str) -> Result<Vec<NodeName>, DbError> {
    let tables = server.run(&[&format!("SHOW TABLES IN {database}")]).await?;
    if !tables.iter().flatten().any(|table| table == FORMER) {
        return Ok(Vec::new());
    }
    let select = format!("SELECT node, variable, value, up_since FROM {database}.{FORMER}");
    let rows = server.run(&["SET SESSION wsrep_sync_wait = 1", &select]).await?;
    let mut left = Vec::new();
    for node in &way.inventory.nodes {
        let former: Vec<&Row> =
            rows.iter().filter(|row| row.first().is_some_and(|it| *it == node.name.as_str())).collect();
        if !former.is_empty() && !put_back_on(way, &node.name, &former).await {
            left.push(node.name.clone());
        }
    }
    Ok(left)
}

/// True: the server has its former values, or does not run. A server that was started since has those of its files.
async fn put_back_on(way: &Way<'_>, node: &NodeName, former: &[&Row]) -> bool {
    let Some(server) = way.database(node) else { return false };
    let now = match read(&server).await {
        Ok(Some(now)) => now,
        // Its host answers, and no server does.
        Err(DbError::Server(_)) => return true,
        Ok(None) | Err(DbError::Transport(_)) => return false,
    };
    let statements = former.iter().filter_map(|row| {
        let [_, variable, value, up_since] = &row[..] else { return None };
        let known = VARIABLES.contains(&variable.as_str()) && ["0", "1"].contains(&value.as_str());
        let same = up_since.parse().is_ok_and(|then: i64| now.up_since - then <= SAME_START);
        (known && same).then(|| format!("SET GLOBAL {variable} = {value}"))
    });
    let statements: Vec<String> = statements.collect();
    statements.is_empty()
        || server.run(&statements.iter().map(String::as_str).collect::<Vec<_>>()).await.is_ok()
}

struct Values {
    values: [u8; 2],
    up_since: i64,
}

async fn read(server: &Database) -> Result<Option<Values>, DbError> {
    let rows = server.run(&[READ]).await?;
    Ok(rows.first().and_then(|row| {
        let [conflicts, deadlocks, up_since] = &row[..] else { return None };
        let values = [conflicts, deadlocks].map(|value| u8::from(value == "1"));
        Some(Values { values, up_since: up_since.parse().ok()? })
    }))
}
