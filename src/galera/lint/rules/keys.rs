//! Tables whose rows nothing identifies.

use crate::galera::lint::altered::{Change, altered};
use crate::galera::lint::codes::PRIMARY_KEY;
use crate::galera::lint::name::quoted;
use crate::galera::lint::place::Place;
use crate::galera::lint::schema::{Column, KeyKind, Schema, Table};
use crate::kernel::lint::Finding;

/// Other engines are not replicated at all, which is said of them.
pub fn check(schema: &Schema, place: Place) -> Vec<Finding> {
    let tables = schema.tables.iter().filter(|table| table.is("InnoDB") && !table.has_row_key());
    tables
        .map(|table| Finding::new(PRIMARY_KEY, &table.name, "has no primary key", fix(schema, table, place)))
        .collect()
}

fn fix(schema: &Schema, table: &Table, place: Place) -> String {
    // A table has one column of AUTO_INCREMENT at most.
    if let Some(column) = table.columns.iter().find(|column| column.auto_increment) {
        return of_its_numbers(table, column, place);
    }
    let clause = format!(
        "ADD {} BIGINT UNSIGNED NOT NULL AUTO_INCREMENT PRIMARY KEY FIRST",
        quoted(&free_name(table))
    );
    let statement = altered(schema, table, &Change::NewFirstColumn(clause), place);
    let nullable = table.keys.iter().any(|key| key.kind == KeyKind::Unique);
    match nullable {
        true => format!("declare the columns of its unique key NOT NULL, or {statement}"),
        false => format!("give it a key of its own columns, or {statement}"),
    }
}

/// Each node has the same numbers in its rows, so that a plain ALTER TABLE gives all nodes the same.
fn of_its_numbers(table: &Table, column: &Column, place: Place) -> String {
    let before = if place.member { "" } else { "before the move: " };
    format!(
        "{before}ALTER TABLE {} ADD PRIMARY KEY ({}); the server refuses it (error 1062) where a number is there twice",
        table.name.quoted(),
        quoted(&column.name)
    )
}

/// The table may have another column of the name `id`.
fn free_name(table: &Table) -> String {
    let numbered = (2..).map(|number| format!("galera_row_id_{number}"));
    let mut names = ["id", "row_id", "galera_row_id"].map(str::to_owned).into_iter().chain(numbered);
    names.find(|name| table.column(name).is_none()).unwrap_or_default()
}
