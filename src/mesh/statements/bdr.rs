//! The statements of a mesh of 2ndQuadrant's BDR 1 or 2. They have never been run. Source: the documentation of both, and the
//! definitions of the functions in BDR's repository.

use crate::mesh::inventory::{Database, Inventory, Node};
use crate::postgresql::sql::literal;

pub const FOR: &str = "BDR 1 on 2ndQuadrant's own PostgreSQL 9.4, and BDR 2 on PostgreSQL 9.6";

/// What the server's settings have to be.
pub const SETTINGS: &[&str] = &[
    "shared_preload_libraries = 'bdr'",
    "wal_level = 'logical'",
    "track_commit_timestamp = on",
    "max_replication_slots, max_wal_senders and max_worker_processes: room for all nodes",
];

/// What else has to be there.
pub const BEFORE: &[&str] = &[
    "The database is there on every node, and empty on all but the first one. The nodes log in as the superuser postgres, with",
    "the password in ~postgres/.pgpass: these versions know no other file.",
];

/// Each part with the moment at which it is run.
pub fn parts(inventory: &Inventory, database: &Database, node: &Node) -> Vec<(String, String)> {
    let first = inventory.node(&inventory.seed).unwrap_or(node);
    let (name, own) = (literal(node.name.as_str()), dsn(inventory, database, node));
    let extensions = "CREATE EXTENSION IF NOT EXISTS btree_gist;\nCREATE EXTENSION IF NOT EXISTS bdr;\n";
    let (when, group) = if node.name == first.name {
        let group = format!(
            "SELECT bdr.bdr_group_create(local_node_name := {name},\n    node_external_dsn := {own});\n"
        );
        ("first, before any other node".to_owned(), group)
    } else {
        let using = dsn(inventory, database, first);
        let group = format!(
            "SELECT bdr.bdr_group_join(local_node_name := {name},\n    node_external_dsn := {own},\n    join_using_dsn := {using});\n"
        );
        (format!("after {}", before(inventory, node)), group)
    };
    vec![(when, format!("{extensions}{group}SELECT bdr.bdr_node_join_wait_for_ready();\n"))]
}

/// Nodes join one after the other.
fn before<'a>(inventory: &'a Inventory, node: &Node) -> &'a str {
    let mut all: Vec<_> = inventory.nodes.iter().map(|it| &it.name).collect();
    all.sort_by_key(|name| **name != inventory.seed);
    let at = all.iter().position(|name| **name == node.name).unwrap_or_default();
    all[at.saturating_sub(1)].as_str()
}

fn dsn(inventory: &Inventory, database: &Database, node: &Node) -> String {
    literal(&format!("host={} port={} dbname={} user=postgres", node.address, inventory.port, database.name))
}
