//! Character sets.

use std::collections::BTreeMap;

use crate::galera::lint::codes::{CHARSET_UTF8MB3, SERVER_CHARSET};
use crate::galera::lint::place::Place;
use crate::galera::lint::schema::{Schema, Table};
use crate::kernel::lint::Finding;

const NARROW: &str = "utf8mb3";
/// So many tables are named, at most.
const NAMED: usize = 3;

/// One finding for each database: such tables come in hundreds.
pub fn check(schema: &Schema, _place: Place) -> Vec<Finding> {
    let mut of_schemas: BTreeMap<&str, Vec<&Table>> = BTreeMap::new();
    for table in schema.tables.iter().filter(|table| is_narrow(table)) {
        of_schemas.entry(&table.name.schema).or_default().push(table);
    }
    of_schemas.into_iter().map(|(schema, tables)| finding(schema, &tables)).chain(server(schema)).collect()
}

/// The table's own, or that of a column.
fn is_narrow(table: &Table) -> bool {
    table.charset == NARROW || table.columns.iter().any(|column| column.charset.as_deref() == Some(NARROW))
}

fn finding(schema: &str, tables: &[&Table]) -> Finding {
    let named: Vec<_> = tables.iter().take(NAMED).map(|table| table.name.to_string()).collect();
    let more = if tables.len() > NAMED { ", …" } else { "" };
    let count = match tables.len() {
        1 => "1 table".to_owned(),
        count => format!("{count} tables"),
    };
    let evidence = format!("has {count} with the character set {NARROW}: {}{more}", named.join(", "));
    let fix = format!(
        "before the move: ALTER TABLE {} CONVERT TO CHARACTER SET utf8mb4, and so each of them; it also changes columns of other character sets and collations (ascii, latin1, _bin) and makes TEXT larger, so that MODIFY is right for a table that has such; it is refused for columns of a foreign key (error 1832 or 1833), which is dropped before and added anew",
        tables[0].name.quoted()
    );
    let object = if schema.is_empty() { "(no database)" } else { schema };
    Finding::new(CHARSET_UTF8MB3, object, evidence, fix)
}

fn server(schema: &Schema) -> Option<Finding> {
    let value = schema.setting("character_set_server")?;
    let found = ["ucs2", "utf16", "utf16le", "utf32"].contains(&value);
    found.then(|| {
        let fix = "`mysqld: character_set_server: utf8mb4` in the inventory";
        Finding::new(SERVER_CHARSET, "character_set_server", format!("is {value}"), fix)
    })
}
