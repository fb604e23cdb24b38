//! Tables whose rows nothing identifies.

use crate::galera::lint::codes::PRIMARY_KEY;
use crate::galera::lint::finding::{Finding, Place, altered};
use crate::galera::lint::schema::{Schema, Table};

const KEY: &str = "ADD id BIGINT UNSIGNED NOT NULL AUTO_INCREMENT PRIMARY KEY FIRST";

/// Other engines are not replicated at all, which is said of them.
pub fn check(schema: &Schema, place: Place) -> Vec<Finding> {
    let tables = schema.tables.iter().filter(|table| table.is("InnoDB") && !table.has_row_key());
    tables
        .map(|table| Finding::new(PRIMARY_KEY, &table.name, "has no primary key", fix(table, place)))
        .collect()
}

fn fix(table: &Table, place: Place) -> String {
    let column = free_name(table);
    let statement = altered(&table.name, &KEY.replacen("id", &column, 1), place);
    let nullable = table.keys.iter().any(|key| key.kind == crate::galera::lint::schema::KeyKind::Unique);
    match nullable {
        true => format!("declare the columns of its unique key NOT NULL, or: {statement}"),
        false => format!("give it a key of its own columns, or: {statement}"),
    }
}

/// The table may have another column of the name `id`.
fn free_name(table: &Table) -> String {
    let names = ["id", "row_id", "galera_row_id"];
    names.into_iter().find(|name| table.column(name).is_none()).unwrap_or("row_number_of_its_own").to_owned()
}
