//! Which tables may be written in several regions at once, because each row belongs to one of them.
//!
//! Rows of two regions never conflict where no key of the one can be a key of the other: Galera compares write-sets by
//! the keys of their rows (Galera Cluster documentation, Certification-Based Replication).

use serde::Serialize;

use super::schema::{Key, KeyKind, Schema, Table};

/// Whether a table's rows can be owned by regions.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Ownership {
    pub table: String,
    /// Why not; empty where they can.
    pub obstacles: Vec<String>,
    /// The column is not there at all.
    #[serde(skip)]
    pub has_no_column: bool,
}

/// Every table, in order of names.
pub fn by_region(schema: &Schema, column: &str) -> Vec<Ownership> {
    let tables = schema.tables.iter().filter(|table| !table.name.is_of_the_server());
    let mut all: Vec<_> = tables
        .map(|table| Ownership {
            table: table.name.to_string(),
            obstacles: obstacles(schema, table, column),
            has_no_column: table.column(column).is_none(),
        })
        .collect();
    all.sort_by(|a, b| a.table.cmp(&b.table));
    all
}

fn obstacles(schema: &Schema, table: &Table, column: &str) -> Vec<String> {
    let Some(found) = table.column(column) else { return vec![format!("it has no column {column}")] };
    let mut obstacles = Vec::new();
    if !table.is("InnoDB") {
        obstacles.push(format!("its engine is {}", table.engine));
    }
    if found.nullable {
        obstacles.push(format!("{column} may be NULL, and such a row has no region"));
    }
    match table.primary_key() {
        None => obstacles.push("it has no primary key".to_owned()),
        Some(key) if !is_in(key, column) => {
            obstacles.push(format!("{column} is not in its primary key"));
        }
        Some(_) => {}
    }
    let unique = table.keys.iter().filter(|key| key.kind == KeyKind::Unique && !is_in(key, column));
    obstacles.extend(unique.map(|key| {
        format!("{column} is not in its unique key {}, which regions may take from each other", key.name)
    }));
    obstacles.extend(parents(schema, table, column));
    obstacles
}

/// A beginning of the column in a key does not keep regions apart.
fn is_in(key: &Key, column: &str) -> bool {
    key.parts.iter().any(|part| part.column.eq_ignore_ascii_case(column) && !part.prefix)
}

/// A child row shares the key of its parent row, which may be another region's.
fn parents<'a>(schema: &'a Schema, table: &'a Table, column: &'a str) -> impl Iterator<Item = String> + 'a {
    let across = move |parent: &&Table| parent.column(column).is_some();
    table
        .foreign_keys
        .iter()
        .filter(move |key| !key.columns.iter().any(|it| it.eq_ignore_ascii_case(column)))
        .map(move |key| {
            let parent = schema.tables.iter().find(|table| table.name == key.parent).filter(across);
            let may = if parent.is_some() { "may be another region's" } else { "belongs to no region" };
            format!("its foreign key {} has no {column} in it: the row of {} {may}", key.name, key.parent)
        })
}
