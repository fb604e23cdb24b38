//! What rows point to, and what becomes of it where several nodes write.

use crate::kernel::lint::Finding;
use crate::mesh::facts::{ForeignKey, Table};
use crate::mesh::lint::subject::Subject;
use crate::mesh::rules::{FOREIGN_KEY, FOREIGN_KEY_CASCADE, FOREIGN_KEY_OUTSIDE};

pub fn check(it: Subject<'_>) -> Vec<Finding> {
    it.tables()
        .flat_map(|table| table.references.iter().filter_map(move |key| judged(it, table, key)))
        .collect()
}

fn judged(it: Subject<'_>, table: &Table, key: &ForeignKey) -> Option<Finding> {
    let points = format!("({}) to {}", key.columns.join(", "), key.to);
    if is_outside(it, &key.to) {
        let evidence = format!("has the foreign key {} {points}, and that table is not sent", key.name);
        let fix = format!(
            "send {} as well, or leave this one out, too: `databases.except` in the inventory",
            key.to
        );
        return Some(it.finding(FOREIGN_KEY_OUTSIDE, &table.full_name(), evidence, fix));
    }
    // Both rows belong to one region, and one node writes them.
    if it.place.column.is_some_and(|column| key.columns.iter().any(|name| name == column)) {
        return None;
    }
    let actions = [("DELETE", &key.on_delete), ("UPDATE", &key.on_update)];
    let actions: Vec<_> = actions
        .iter()
        .filter(|(_, what)| !what.is_empty())
        .map(|(of, what)| format!(" ON {of} {what}"))
        .collect();
    let rule = if actions.is_empty() { FOREIGN_KEY } else { FOREIGN_KEY_CASCADE };
    let evidence = format!("has the foreign key {} {points}{}", key.name, actions.concat());
    let fix = format!(
        "delete rows of {} on one node only, while nobody writes rows that point to them; SELECT with LEFT JOIN … IS NULL shows rows that have lost theirs",
        key.to
    );
    Some(it.finding(rule, &table.full_name(), evidence, fix))
}

/// It is a table that stands in no list of the inventory. Of a table with partitions, the server tells only these.
fn is_outside(it: Subject<'_>, name: &str) -> bool {
    let mut own = it
        .told
        .tables
        .iter()
        .filter(|table| table.full_name() == name || table.root.as_deref() == Some(name))
        .peekable();
    own.peek().is_some() && own.all(|table| !it.is_wanted(table))
}
