//! galactl's own table, and the account with which nodes read each other's changes.

use super::TableName;
use crate::mesh::model::{ACCOUNT, SCHEMA};
use crate::postgresql::sql::literal;

/// galactl's own table: a row for each node, which that node alone writes. It is sent to all, so it shows who is a member,
/// and a token in it proves that changes arrive.
const TABLE: &str = "
CREATE SCHEMA IF NOT EXISTS galactl;
REVOKE ALL ON SCHEMA galactl FROM PUBLIC;
CREATE TABLE IF NOT EXISTS galactl.node (
    name text PRIMARY KEY,
    mesh text NOT NULL,
    number integer NOT NULL,
    region text,
    token text,
    at timestamptz NOT NULL DEFAULT clock_timestamp()
);
";

/// Makes galactl's own table.
pub fn own_table() -> &'static str {
    TABLE
}

/// The name of galactl's own table.
pub fn name() -> TableName {
    (SCHEMA.to_owned(), "node".to_owned())
}

/// Enters a node.
pub fn enter(node: &str, mesh: &str, number: u16, region: Option<&str>) -> String {
    let region = region.map_or_else(|| "NULL".to_owned(), literal);
    let (node, mesh) = (literal(node), literal(mesh));
    format!(
        "INSERT INTO galactl.node (name, mesh, number, region) VALUES ({node}, {mesh}, {number}, {region})
    ON CONFLICT (name) DO UPDATE SET mesh = EXCLUDED.mesh, number = EXCLUDED.number, region = EXCLUDED.region;\n"
    )
}

/// Takes a node out.
pub fn forget(node: &str) -> String {
    format!("DELETE FROM galactl.node WHERE name = {};\n", literal(node))
}

/// Writes a token into the node's own row, which is sent to all others.
pub fn token(node: &str, token: &str) -> String {
    let (node, token) = (literal(node), literal(token));
    format!("UPDATE galactl.node SET token = {token}, at = clock_timestamp() WHERE name = {node};\n")
}

/// The same, for a node that leaves: where its row was taken away already, it comes again. An `UPDATE` would find nothing there.
pub fn last_token(node: &str, token: &str) -> String {
    let (node, token) = (literal(node), literal(token));
    format!(
        "WITH old AS (DELETE FROM galactl.node WHERE name = {node} RETURNING *)
INSERT INTO galactl.node (name, mesh, number, region, token, at)
    SELECT name, mesh, number, region, {token}, clock_timestamp() FROM old;\n"
    )
}

/// Says `t` where the row of this node has the token.
pub fn show_token(node: &str, token: &str) -> String {
    let (node, token) = (literal(node), literal(token));
    format!("SELECT count(*) > 0 FROM galactl.node WHERE name = {node} AND token = {token};\n")
}

/// Makes the account, or gives the one that is there this password. Whoever runs it sees that nothing of it is logged.
pub fn account(password: &str) -> String {
    let (name, password) = (literal(ACCOUNT), literal(password));
    format!(
        "SELECT 'CREATE ROLE {ACCOUNT}' WHERE NOT EXISTS (SELECT FROM pg_catalog.pg_roles WHERE rolname = {name}) \\gexec
ALTER ROLE {ACCOUNT} LOGIN REPLICATION NOSUPERUSER PASSWORD {password} VALID UNTIL 'infinity';
GRANT pg_read_all_data TO {ACCOUNT};\n"
    )
}

/// What the account must be allowed in a database with pglogical. It reads the tables by `pg_read_all_data`.
pub const GRANTS: &str = "
GRANT USAGE ON SCHEMA pglogical TO galactl_mesh;
GRANT SELECT ON ALL TABLES IN SCHEMA pglogical TO galactl_mesh;
GRANT EXECUTE ON ALL FUNCTIONS IN SCHEMA pglogical TO galactl_mesh;
";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_grants_are_for_the_account_and_no_value_ends_its_statement() {
        assert_eq!(GRANTS.matches(ACCOUNT).count(), 3);
        assert!(account("x'; DROP TABLE t; --").contains("PASSWORD E'x''; DROP TABLE t; --' VALID"));
        assert!(enter("a", "b'c", 3, None).contains("E'b''c', 3, NULL"));
    }

    #[test]
    fn the_last_token_comes_also_where_the_row_was_taken_away() {
        let text = last_token("pg3", "x");
        assert!(text.contains("DELETE FROM galactl.node WHERE name = E'pg3'"), "{text}");
        assert!(text.contains("INSERT INTO galactl.node"), "{text}");
        assert_eq!(text.matches(';').count(), 1, "one statement, one transaction: {text}");
    }
}
