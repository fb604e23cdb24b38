//! What rows may meet where several nodes write: notes about what becomes of them.

use super::tables::of_kind;
use crate::kernel::judge::Finding;
use crate::mesh::facts::Table;
use crate::mesh::judge::{Basis, codes};
use crate::mesh::model::{Method, Strategy};

pub fn findings(basis: &Basis<'_>) -> Vec<Finding> {
    // Where each row has one owner, no two nodes write rows that could meet.
    if basis.inventory.conflicts.strategy == Strategy::Region {
        return triggers(basis);
    }
    [second_keys(basis), foreign_keys(basis), triggers(basis)].concat()
}

fn second_keys(basis: &Basis<'_>) -> Vec<Finding> {
    let becomes = match basis.inventory.method {
        Method::Native => "the second of two rows with one value stops the node that gets it",
        Method::Pglogical | Method::Spock | Method::Bdr => {
            "of two new rows with one value, the newer takes the place of the other; an update to a value that another row has stops the node that gets it"
        }
    };
    let of =
        |table: &Table| table.unique.iter().map(|key| format!("{key} of {}", table.full_name())).collect();
    let words = |database: &str, told: String| {
        format!("database {database} has unique keys beside primary keys: {told}; {becomes}")
    };
    let next = "let only one node write such values, or make them unique by a part that belongs to the node";
    of_kind(codes::SECOND_KEY, basis, of, words, next)
}

fn foreign_keys(basis: &Basis<'_>) -> Vec<Finding> {
    let of = |table: &Table| {
        table.references.iter().map(|other| format!("{} to {other}", table.full_name())).collect()
    };
    let words = |database: &str, told: String| {
        format!(
            "database {database} has foreign keys, and they are not checked where changes of other nodes are applied: {told}"
        )
    };
    let next = "delete a row that others point to on one node only, while nobody writes rows that point to it; SELECT with LEFT JOIN … IS NULL shows rows that have lost it";
    of_kind(codes::FOREIGN_KEY, basis, of, words, next)
}

fn triggers(basis: &Basis<'_>) -> Vec<Finding> {
    let of =
        |table: &Table| table.triggers.iter().map(|it| format!("{it} of {}", table.full_name())).collect();
    let words = |database: &str, told: String| {
        format!(
            "database {database} has triggers that fire on every node for one change (ENABLE ALWAYS or REPLICA): {told}"
        )
    };
    let next = "what such a trigger writes is written once on each node: ALTER TABLE … ENABLE TRIGGER … lets it fire where the change is made, and only there";
    of_kind(codes::TRIGGER, basis, of, words, next)
}
