//! Tables of counters, told by their names.

use crate::galera::lint::codes::HOT_ROW;
use crate::galera::lint::name::quoted;
use crate::galera::lint::place::Place;
use crate::galera::lint::schema::{Column, Schema, Table};
use crate::kernel::lint::Finding;

/// Columns that hold a count.
const COUNTS: [&str; 11] = [
    "count",
    "counter",
    "hits",
    "last_id",
    "lastid",
    "last_number",
    "last_value",
    "next_id",
    "nextid",
    "next_value",
    "nextval",
];
/// Parts of a table's name that speak of counters.
const TABLES: [&str; 5] = ["counter", "hit", "nextid", "seq", "sequence"];
/// Columns of such a table, at most: a name, a number, a date.
const MOST_COLUMNS: usize = 4;

/// A table whose rows come with AUTO_INCREMENT is one of many rows.
pub fn check(schema: &Schema, _place: Place) -> Vec<Finding> {
    let small = |table: &&Table| {
        table.columns.len() <= MOST_COLUMNS && !table.columns.iter().any(|column| column.auto_increment)
    };
    let finding = |table: &Table| {
        let column = counter(table)?;
        let evidence = format!("looks like a table of counters, in {}", column.name);
        let fix = format!(
            "let one node write to it; or count in several rows, and add up: SUM({})",
            quoted(&column.name)
        );
        Some(Finding::new(HOT_ROW, &table.name, evidence, fix))
    };
    schema.tables.iter().filter(|table| table.is("InnoDB")).filter(small).filter_map(finding).collect()
}

/// A number that is in no key, with such a name; or the only number of a table with such a name.
fn counter(table: &Table) -> Option<&Column> {
    let in_key = |column: &Column| table.keys.iter().any(|key| key.has(&column.name));
    let is_number = |column: &&Column| {
        matches!(column.kind.as_str(), "int" | "integer" | "bigint" | "mediumint" | "smallint" | "decimal")
            && !in_key(column)
    };
    let named = |column: &&Column| COUNTS.contains(&column.name.to_ascii_lowercase().as_str());
    let numbers: Vec<&Column> = table.columns.iter().filter(is_number).collect();
    let by_name = numbers.iter().copied().find(named);
    let name = table.name.name.to_ascii_lowercase();
    let speaks = name.split(['_', '-']).any(|part| TABLES.contains(&part.trim_end_matches('s')));
    match numbers[..] {
        _ if by_name.is_some() => by_name,
        [only] if speaks => Some(only),
        _ => None,
    }
}
