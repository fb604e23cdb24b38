//! The statements of methods that galactl does not run, as files for whoever does.

use super::{bdr, spock};
use crate::kernel::model::NodeName;
use crate::mesh::inventory::{Database, Inventory, Node};
use crate::mesh::model::{Method, Strategy};

/// The statements of one node in one database.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rendered {
    pub node: NodeName,
    /// `statements-DATABASE.sql`
    pub file: String,
    pub text: String,
}

/// The statements of every node, in their order; none of a method that galactl runs.
pub fn rendered(inventory: &Inventory) -> Vec<Rendered> {
    let mut nodes: Vec<_> = inventory.nodes.iter().collect();
    nodes.sort_by_key(|node| node.name != inventory.seed);
    let mut all = Vec::new();
    for node in nodes {
        for database in &inventory.databases {
            let Some(text) = text(inventory, database, node) else { continue };
            let file = format!("statements-{}.sql", database.name);
            all.push(Rendered { node: node.name.clone(), file, text });
        }
    }
    all
}

fn text(inventory: &Inventory, database: &Database, node: &Node) -> Option<String> {
    let (versions, settings, before, parts) = match inventory.method {
        Method::Spock => {
            (spock::FOR, spock::SETTINGS, spock::BEFORE, spock::parts(inventory, database, node))
        }
        Method::Bdr => (bdr::FOR, bdr::SETTINGS, bdr::BEFORE, bdr::parts(inventory, database, node)),
        Method::Pglogical | Method::Native => return None,
    };
    let mut lines = vec![
        format!("-- Node {}, database {}: for psql as a superuser.", node.name, database.name),
        "-- NEVER RUN BY GALACTL: read it, and try it on machines that you can lose.".to_owned(),
        format!("-- For {versions}."),
        "-- Nobody writes to any node from the first part on until all parts of all nodes are through."
            .to_owned(),
        "-- The settings of the server, in effect before that:".to_owned(),
    ];
    lines.extend(settings.iter().map(|line| format!("--   {line}")));
    lines.extend(before.iter().map(|line| format!("-- {line}")));
    lines.extend(told(inventory, database).into_iter().map(|line| format!("-- {line}")));
    lines.push("\\set ON_ERROR_STOP 1".to_owned());
    let mut out = lines.join("\n") + "\n";
    for (at, (when, statements)) in parts.iter().enumerate() {
        out += &format!("\n-- Part {}: {when}.\n{statements}", at + 1);
    }
    Some(out)
}

/// What of the inventory these statements do not do.
fn told(inventory: &Inventory, database: &Database) -> Vec<&'static str> {
    let mut told = vec![
        "Not done here: sequences. Let each count by `sequences.step`, with another remainder on each node.",
    ];
    match inventory.conflicts.strategy {
        Strategy::LastUpdateWins => {}
        Strategy::Region => {
            told.push("Not done here: a trigger that refuses rows of other regions.");
            if inventory.method == Method::Bdr {
                told.push("BDR 1 and 2 have no filters for rows: every node sends all of its changes.");
            }
        }
        Strategy::OriginWins | Strategy::Custom => {
            told.push(
                "Not done here: the strategy for conflicts. What stands here lets the last update win.",
            );
        }
    }
    if inventory.method == Method::Bdr && !(database.tables.is_empty() && database.except.is_empty()) {
        told.push("Not done here: the choice of tables. What stands here sends all of them.");
    }
    told
}
