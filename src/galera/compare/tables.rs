//! The tables of a node, as its server tells them.

use std::collections::BTreeMap;

use super::statements::unhex;
use crate::galera::lint::OF_THE_SERVER;
use crate::galera::sql::Row;
use crate::kernel::compare::{Column, Table, TableName};

/// The one engine that Galera replicates.
const REPLICATED: &str = "innodb";
/// The index of a table's primary key.
const PRIMARY: &str = "PRIMARY";

fn of_users(column: &str) -> String {
    let own = OF_THE_SERVER.map(|name| format!("'{name}'")).join(", ");
    format!("{column} NOT IN ({own})")
}

/// Name, engine and estimated rows of each table that has rows of its own.
pub fn tables() -> String {
    format!(
        "SELECT HEX(table_schema), HEX(table_name), HEX(IFNULL(engine, '')), IFNULL(table_rows, 0) FROM information_schema.tables
         WHERE table_type IN ('BASE TABLE', 'SYSTEM VERSIONED') AND {}",
        of_users("table_schema")
    )
}

/// The columns in their order.
pub fn columns() -> String {
    format!(
        "SELECT HEX(table_schema), HEX(table_name), HEX(column_name), HEX(CONCAT_WS(' ', data_type, character_set_name)),
           HEX(CONCAT_WS(' ', column_type, CONCAT('COLLATE ', collation_name), IF(is_nullable = 'NO', 'NOT NULL', 'NULL'),
             IF(is_generated = 'NEVER', CONCAT('DEFAULT ', column_default), CONCAT('AS (', generation_expression, ')')), NULLIF(extra, ''))),
           extra LIKE '%VIRTUAL%'
         FROM information_schema.columns WHERE {} ORDER BY table_schema, table_name, ordinal_position",
        of_users("table_schema")
    )
}

/// The columns of unique indexes: whether they may be NULL or are held by their beginning alone.
pub fn keys() -> String {
    format!(
        "SELECT HEX(table_schema), HEX(table_name), HEX(index_name), HEX(column_name),
           IF(nullable = 'YES' OR sub_part IS NOT NULL OR index_type <> 'BTREE', 1, 0)
         FROM information_schema.statistics WHERE non_unique = 0 AND {}
         ORDER BY table_schema, table_name, index_name <> '{PRIMARY}', index_name, seq_in_index",
        of_users("table_schema")
    )
}

fn text(field: &str) -> Option<String> {
    String::from_utf8(unhex(field)?).ok()
}

fn name(schema: &str, table: &str) -> Option<TableName> {
    Some(TableName::new(text(schema)?, text(table)?))
}

/// The answers to [`tables`], [`columns`] and [`keys`] together; `None`: they cannot be read.
pub fn read(tables: &[Row], columns: &[Row], keys: &[Row]) -> Option<Vec<Table>> {
    let mut read = BTreeMap::new();
    for row in tables {
        let [schema, table, engine, estimate] = &row[..] else { return None };
        let (name, engine) = (name(schema, table)?, text(engine)?);
        let apart = (!engine.eq_ignore_ascii_case(REPLICATED))
            .then(|| format!("its engine is {engine}, which Galera does not replicate"));
        let estimate = estimate.parse().ok()?;
        let table = Table {
            name: name.clone(),
            part_of: None,
            key: Vec::new(),
            index: String::new(),
            columns: Vec::new(),
            estimate,
            apart,
        };
        read.insert(name, table);
    }
    for row in columns {
        let [schema, table, column, kind, definition, computed] = &row[..] else { return None };
        let Some(table) = read.get_mut(&name(schema, table)?) else { continue };
        table.columns.push(Column {
            name: text(column)?,
            kind: text(kind)?,
            definition: text(definition)?,
            computed: computed == "1",
        });
    }
    for (name, index, columns) in usable(keys)? {
        if let Some(table) = read.get_mut(&name).filter(|table| table.key.is_empty()) {
            (table.key, table.index) = (columns, index);
        }
    }
    Some(read.into_values().collect())
}

/// Indexes by which rows can be told apart and put in order: the primary key first.
fn usable(keys: &[Row]) -> Option<Vec<(TableName, String, Vec<String>)>> {
    let mut indexes: Vec<(TableName, String, Vec<String>, bool)> = Vec::new();
    for row in keys {
        let [schema, table, index, column, vague] = &row[..] else { return None };
        let (name, index, column, vague) = (name(schema, table)?, text(index)?, text(column)?, vague == "1");
        match indexes.last_mut().filter(|(last, of, ..)| (last, of) == (&name, &index)) {
            Some((_, _, columns, any)) => {
                columns.push(column);
                *any |= vague;
            }
            None => indexes.push((name, index, vec![column], vague)),
        }
    }
    Some(
        indexes
            .into_iter()
            .filter(|it| !it.3)
            .map(|(name, index, columns, _)| (name, index, columns))
            .collect(),
    )
}

#[cfg(test)]
mod tests {
    use super::super::statements;
    use super::*;

    fn row(fields: &[&str]) -> Row {
        let hex = |text: &&str| statements::hex(text.as_bytes());
        let plain = |text: &&str| text.bytes().all(|byte| byte.is_ascii_digit());
        fields.iter().map(|text| if plain(text) { (*text).to_owned() } else { hex(text) }).collect()
    }

    #[test]
    fn a_key_tells_rows_apart_and_is_never_null() {
        let tables = [row(&["s", "t", "InnoDB", "7"]), row(&["s", "m", "MyISAM", "0"])];
        let keys = [
            row(&["s", "t", "a", "word", "1"]),
            row(&["s", "t", "b", "x", "0"]),
            row(&["s", "t", "b", "y", "0"]),
            row(&["s", "t", "c", "z", "0"]),
        ];
        let columns = [row(&["s", "t", "x", "int", "int(11) NOT NULL", "0"])];
        let read = read(&tables, &columns, &keys).unwrap();
        assert_eq!((&read[1].key, read[1].index.as_str()), (&vec!["x".to_owned(), "y".to_owned()], "b"));
        assert_eq!(read[1].columns[0].definition, "int(11) NOT NULL");
        assert!(read[0].key.is_empty() && read[0].apart.is_some() && read[1].apart.is_none());
    }
}
