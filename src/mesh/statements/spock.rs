//! The statements of a mesh of pgEdge's Spock 4 or 5. They have never been run. Source: pgEdge's documentation of both, and the
//! definitions of the functions in Spock's repository.

use super::chosen::condition;
use super::{connection, row_filter};
use crate::mesh::inventory::{Database, Inventory, Node};
use crate::mesh::model::subscription;
use crate::postgresql::sql::literal;

pub const FOR: &str = "Spock 4 and 5 of pgEdge, on pgEdge's own PostgreSQL 15 to 17";

/// What the server's settings have to be.
pub const SETTINGS: &[&str] = &[
    "shared_preload_libraries = 'spock'",
    "wal_level = logical",
    "track_commit_timestamp = on",
    "spock.conflict_resolution = 'last_update_wins'",
];

/// What else has to be there.
pub const BEFORE: &[&str] = &[
    "Every node has the account galactl_mesh (LOGIN SUPERUSER REPLICATION), a line for it in pg_hba.conf, and its password in",
    "the file that the connection strings name.",
];

/// Each part with the moment at which it is run.
pub fn parts(inventory: &Inventory, database: &Database, node: &Node) -> Vec<(String, String)> {
    let first = inventory.node(&inventory.seed).unwrap_or(node);
    let own = literal(&connection(node, inventory.port, &database.name));
    let name = literal(node.name.as_str());
    let mut make = format!(
        "CREATE EXTENSION IF NOT EXISTS spock;\nSELECT spock.node_create(node_name := {name}, dsn := {own});\n"
    );
    let mut parts = Vec::new();
    if node.name == first.name {
        // The others copy what it sends: all rows, also those of their own regions.
        make += &send(database, None);
        parts.push(("first, before any other node".to_owned(), make));
    } else {
        make += &subscribe(inventory, database, (node, first), true);
        make += &send(database, filter(inventory, node).as_deref());
        parts.push((format!("after part 1 of {}", first.name), make));
    }
    let others = inventory.others(&node.name).filter(|it| node.name == first.name || it.name != first.name);
    let mut rest: String = others.map(|other| subscribe(inventory, database, (node, other), false)).collect();
    if let Some(filter) = filter(inventory, node).filter(|_| node.name == first.name) {
        let again = format!(
            "SELECT spock.repset_remove_table('default', relid) FROM spock.tables WHERE set_name = 'default';
{}",
            send(database, Some(&filter))
        );
        rest = again + &rest;
    }
    if !rest.is_empty() {
        parts.push(("after part 1 of every node".to_owned(), rest));
    }
    parts
}

/// Which rows the node sends; `None`: all of them.
fn filter(inventory: &Inventory, node: &Node) -> Option<String> {
    Some(row_filter(inventory.conflicts.column.as_ref()?, node.region.as_ref()?))
}

/// Sends all tables, or those that the inventory names, or of each the rows that a filter takes.
fn send(database: &Database, filter: Option<&str>) -> String {
    if filter.is_none() && database.tables.is_empty() && database.except.is_empty() {
        return "SELECT spock.repset_add_all_tables('default', ARRAY(SELECT DISTINCT schemaname::text FROM pg_tables
    WHERE schemaname !~ '^pg_' AND schemaname NOT IN ('information_schema', 'galactl', 'spock')));\n"
            .to_owned();
    }
    let filter = filter.map(|filter| format!(", row_filter := {}", literal(filter))).unwrap_or_default();
    format!(
        "SELECT spock.repset_add_table('default', format('%I.%I', schemaname, tablename)::regclass{filter}) FROM pg_tables
    WHERE {};\n",
        condition(database)
    )
}

fn subscribe(
    inventory: &Inventory,
    database: &Database,
    (reader, provider): (&Node, &Node),
    copies: bool,
) -> String {
    let name = literal(&subscription(&reader.name, &provider.name));
    let dsn = literal(&connection(provider, inventory.port, &database.name));
    format!(
        "SELECT spock.sub_create(subscription_name := {name}, provider_dsn := {dsn},
    synchronize_structure := {copies}, synchronize_data := {copies}, forward_origins := '{{}}');
SELECT spock.sub_wait_for_sync({name});\n"
    )
}
