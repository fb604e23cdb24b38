//! Values that no two rows may have, beside the primary key.

use crate::kernel::lint::Finding;
use crate::mesh::facts::{Table, UniqueKey};
use crate::mesh::lint::subject::{Subject, quoted};
use crate::mesh::model::{Method, Strategy};
use crate::mesh::rules::{EXCLUSION, SECOND_KEY};

pub fn check(it: Subject<'_>) -> Vec<Finding> {
    it.tables().flat_map(|table| table.unique.iter().filter_map(move |key| judged(it, table, key))).collect()
}

fn judged(it: Subject<'_>, table: &Table, key: &UniqueKey) -> Option<Finding> {
    // Rows of two regions differ in their region, so they never meet in such a key.
    if it.place.column.is_some_and(|column| key.columns.iter().any(|name| name == column)) {
        return None;
    }
    // With merge functions, no table may have one, and that is a finding of its own.
    match key.exclusion {
        true => Some(exclusion(it, table, key)),
        false => (it.place.strategy != Strategy::Custom).then(|| second(it, table, key)),
    }
}

fn second(it: Subject<'_>, table: &Table, key: &UniqueKey) -> Finding {
    let becomes = match it.place.method {
        Method::Native => "the second of two rows with one value stops the node that gets it",
        Method::Pglogical | Method::Spock | Method::Bdr => {
            "of two new rows with one value, one is lost; an update to a value that another row has stops the node that gets it"
        }
    };
    let evidence = format!(
        "has the unique key {} ({}) beside its primary key; {becomes}",
        key.name,
        key.columns.join(", ")
    );
    it.finding(SECOND_KEY, &table.full_name(), evidence, apart(it, "let only one node write such values"))
}

fn exclusion(it: Subject<'_>, table: &Table, key: &UniqueKey) -> Finding {
    let evidence = format!("has the exclusion constraint {} ({})", key.name, key.columns.join(", "));
    let drop = format!("ALTER TABLE {} DROP CONSTRAINT {}", quoted(table), constraint(&key.name));
    it.finding(
        EXCLUSION,
        &table.full_name(),
        evidence,
        apart(it, &format!("let only one node write the table; or {}", it.statement(drop))),
    )
}

fn apart(it: Subject<'_>, first: &str) -> String {
    match it.place.column {
        Some(column) => format!("put `{column}` into it; or {first}"),
        None => format!(
            "{first}, or put something of the node into it; a finding that you can live with stands under `lint: {{accept: …}}`"
        ),
    }
}

/// The server names an index with its schema where that is not on the search path, and quotes what has to be.
fn constraint(index: &str) -> &str {
    index.rsplit_once('.').map_or(index, |(_, name)| name)
}
