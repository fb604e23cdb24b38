//! Engines that Galera does not replicate.

use crate::galera::lint::altered::{Change, altered};
use crate::galera::lint::codes::TABLE_ENGINE;
use crate::galera::lint::name::quoted;
use crate::galera::lint::place::Place;
use crate::galera::lint::schema::{Key, Schema, Table};
use crate::kernel::lint::Finding;

/// Engines without rows of their own, or whose rows are on another server.
const WITHOUT_ROWS: [&str; 8] =
    ["BLACKHOLE", "CONNECT", "FEDERATED", "MRG_MyISAM", "PERFORMANCE_SCHEMA", "S3", "SEQUENCE", "SPIDER"];

pub fn check(schema: &Schema, place: Place) -> Vec<Finding> {
    let finding =
        |table: &Table| Finding::new(TABLE_ENGINE, &table.name, evidence(table), fix(schema, table, place));
    schema.tables.iter().filter(|table| !is_replicated(schema, table)).map(finding).collect()
}

/// By InnoDB, or because `wsrep_mode` (before 10.6: `wsrep_replicate_myisam`) says so.
fn is_replicated(schema: &Schema, table: &Table) -> bool {
    let mode = schema.setting("wsrep_mode").unwrap_or_default();
    let myisam =
        || schema.setting("wsrep_replicate_myisam") == Some("ON") || mode.contains("REPLICATE_MYISAM");
    table.is("InnoDB")
        || WITHOUT_ROWS.iter().any(|engine| table.is(engine))
        || (table.is("MyISAM") && myisam())
        || (table.is("Aria") && mode.contains("REPLICATE_ARIA"))
}

fn evidence(table: &Table) -> String {
    let engine = &table.engine;
    match second_in_key(table) {
        _ if table.is("MEMORY") => "is of the engine MEMORY: its rows are also gone after a restart".into(),
        Some(column) => format!(
            "is of the engine {engine}, and InnoDB refuses its AUTO_INCREMENT, because {column} begins no key"
        ),
        None => format!("is of the engine {engine}"),
    }
}

fn fix(schema: &Schema, table: &Table, place: Place) -> String {
    let column = second_in_key(table);
    let clause = match column {
        Some(column) => format!("ADD KEY ({}), ENGINE=InnoDB", quoted(column)),
        None => "ENGINE=InnoDB".to_owned(),
    };
    let groups = column.map_or_else(String::new, |column| {
        format!("; InnoDB then counts {column} through the whole table, and no longer in each group")
    });
    let statement = altered(schema, table, &Change::SameColumns(clause), place) + &groups;
    match place.member {
        true => format!(
            "no plain ALTER TABLE, which keeps the rows of each member; on the member whose rows count: {statement}"
        ),
        false => statement,
    }
}

/// The AUTO_INCREMENT of a table of MyISAM may count within a group, as the second column of a key.
fn second_in_key(table: &Table) -> Option<&str> {
    let column = table.columns.iter().find(|column| column.auto_increment)?;
    let begins =
        |key: &Key| key.parts.first().is_some_and(|part| part.column.eq_ignore_ascii_case(&column.name));
    (!table.keys.iter().any(begins)).then_some(column.name.as_str())
}
