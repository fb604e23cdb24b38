//! What servers log about conflicts: switched on for the run, and put back as it was.
//!
//! The former values stand in a table of the load test's own database before anything is changed. Where galactl was
//! killed, the next load test finds that database without a client, and puts them back from there.

use std::collections::BTreeMap;

use crate::galera::guest::act::Way;
use crate::galera::sql::{Database, DbError, Row, literal};
use crate::kernel::model::NodeName;
use crate::kernel::transport::RemoteCommand;

/// The table of former values.
pub const FORMER: &str = "former";
/// Each is dynamic in every release, and of one server only.
const VARIABLES: [&str; 2] = ["wsrep_log_conflicts", "innodb_print_all_deadlocks"];
/// Seconds by which the start of one and the same server may seem to differ: both clocks count whole seconds.
const SAME_START: i64 = 5;
/// The values, and when the server was started.
const READ: &str = "SELECT @@GLOBAL.wsrep_log_conflicts, @@GLOBAL.innodb_print_all_deadlocks, \
    CAST(UNIX_TIMESTAMP() - VARIABLE_VALUE AS SIGNED) FROM information_schema.GLOBAL_STATUS WHERE VARIABLE_NAME = 'UPTIME'";

const UNIT_STATE: &str = r#"systemctl show "$1.service" --property=ActiveState --value"#;

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

/// A node on which it was not possible to put the former values back.
#[derive(Debug, PartialEq, Eq)]
pub struct Left {
    pub node: String,
    /// What puts them back there.
    pub statements: Vec<String>,
}

impl Left {
    /// With the statements to paste.
    pub fn sentence(&self) -> String {
        format!(
            "what {} logs about conflicts is not put back, because its server could not be asked. Type there, or run \
             galactl load again when it answers: {};",
            self.node,
            self.statements.join("; ")
        )
    }
}

/// Puts back what a load test has changed, and forgets it. Returns the nodes on which that was not possible; one that the
/// inventory does not name any more is among them.
pub async fn put_back(way: &Way<'_>, server: &Database, database: &str) -> Result<Vec<Left>, DbError> {
    let tables = server.run(&[&format!("SHOW TABLES IN {database}")]).await?;
    if !tables.iter().flatten().any(|table| table == FORMER) {
        return Ok(Vec::new());
    }
    let select = format!("SELECT node, variable, value, up_since FROM {database}.{FORMER}");
    let rows = server.run(&["SET SESSION wsrep_sync_wait = 1", &select]).await?;
    let mut left = Vec::new();
    for (node, former) in by_node(&rows) {
        if put_back_on(way, node, &former).await {
            let delete = format!("DELETE FROM {database}.{FORMER} WHERE node = {}", literal(node));
            server.run(&[&delete]).await?;
        } else {
            let statements = former.iter().filter_map(|row| statement(row)).collect();
            left.push(Left { node: node.to_owned(), statements });
        }
    }
    Ok(left)
}

fn by_node(rows: &[Row]) -> BTreeMap<&str, Vec<&Row>> {
    let mut nodes = BTreeMap::<&str, Vec<&Row>>::new();
    for row in rows {
        if let Some(node) = row.first() {
            nodes.entry(node.as_str()).or_default().push(row);
        }
    }
    nodes
}

/// What puts one value back; `None`: the row is not as galactl writes it.
fn statement(row: &Row) -> Option<String> {
    let [_, variable, value, _] = &row[..] else { return None };
    let known = VARIABLES.contains(&variable.as_str()) && ["0", "1"].contains(&value.as_str());
    known.then(|| format!("SET GLOBAL {variable} = {value}"))
}

/// True: the server has its former values, or does not run. A server that was started since has those of its files.
async fn put_back_on(way: &Way<'_>, node: &str, former: &[&Row]) -> bool {
    let Some(node) = way.inventory.nodes.iter().map(|it| &it.name).find(|it| it.as_str() == node) else {
        return false;
    };
    let Some(server) = way.database(node) else { return false };
    let now = match read(&server).await {
        Ok(Some(now)) => now,
        // A server that runs says so, too: too many connections, access denied, no answer in time.
        Err(DbError::Server(_)) => return is_stopped(way, node).await,
        Ok(None) | Err(DbError::Transport(_)) => return false,
    };
    let since_then = |row: &&&Row| {
        row.get(3)
            .and_then(|then| then.parse().ok())
            .is_some_and(|then: i64| now.up_since - then <= SAME_START)
    };
    let statements: Vec<String> = former.iter().filter(since_then).filter_map(|row| statement(row)).collect();
    statements.is_empty()
        || server.run(&statements.iter().map(String::as_str).collect::<Vec<_>>()).await.is_ok()
}

/// Its host says that the server's unit does not run.
async fn is_stopped(way: &Way<'_>, node: &NodeName) -> bool {
    let Some(host) = way.fleet.host_of(node) else { return false };
    let unit = way.inventory.host.unit.to_string();
    let said = host.succeed(RemoteCommand::new(UNIT_STATE, [unit])).await;
    said.is_ok_and(|state| means_stopped(&state))
}

fn means_stopped(state: &str) -> bool {
    ["inactive", "failed"].contains(&state.trim())
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

#[cfg(test)]
mod tests {
    use super::*;

    fn row(node: &str, variable: &str, value: &str) -> Row {
        [node, variable, value, "1700000000"].map(str::to_owned).to_vec()
    }

    #[test]
    fn every_node_with_a_row_is_looked_at_also_one_of_another_inventory() {
        let rows =
            [row("db1", VARIABLES[0], "0"), row("old", VARIABLES[0], "1"), row("db1", VARIABLES[1], "0")];
        let nodes = by_node(&rows);
        assert_eq!(nodes.keys().copied().collect::<Vec<_>>(), ["db1", "old"]);
        assert_eq!(nodes["db1"].len(), 2);
    }

    #[test]
    fn what_is_left_is_told_with_statements_to_paste() {
        let statements = [row("db1", VARIABLES[0], "0"), row("db1", VARIABLES[1], "1")]
            .iter()
            .filter_map(statement)
            .collect();
        let told = Left { node: "db1".into(), statements }.sentence();
        assert!(
            told.contains("db1")
                && told.ends_with(
                    ": SET GLOBAL wsrep_log_conflicts = 0; SET GLOBAL innodb_print_all_deadlocks = 1;"
                ),
            "{told}"
        );
        assert_eq!(statement(&row("db1", "read_only", "0")), None);
        assert_eq!(statement(&row("db1", VARIABLES[0], "0; DROP")), None);
    }

    /// A server that refuses or hangs has a unit that is active, or on its way.
    #[test]
    fn only_a_unit_that_does_not_run_has_no_server() {
        assert!(means_stopped("inactive\n") && means_stopped("failed\n"));
        for state in ["active\n", "activating\n", "deactivating\n", "reloading\n", "\n"] {
            assert!(!means_stopped(state), "{state:?}");
        }
    }
}
