//! The statements that read a table in pieces.
//!
//! A name stands between backquotes, and a value is digits or hexadecimal: nothing that a row holds is read as SQL.
//! Answers are digits, hexadecimal, and a few plain words, so that no client changes them on the way.

use crate::galera::lint::quoted;
use crate::kernel::compare::{Column, Key, Range, Table};

/// Seconds after which the server ends a statement.
pub const LONGEST: u32 = 10;
/// Characters of a value that are read.
const SHOWN: usize = 1000;
/// Reads nothing but what a reader of the last committed rows sees, takes no lock that a writer waits for, and shows
/// values alike on all nodes.
pub const SESSION: &str = "SET SESSION TRANSACTION ISOLATION LEVEL READ COMMITTED, READ ONLY";

/// Statements that go before any other one.
pub fn session() -> [String; 3] {
    [
        "SET NAMES utf8mb4".to_owned(),
        format!(
            "SET SESSION sql_mode = '', time_zone = '+00:00', wsrep_sync_wait = 0, max_statement_time = {LONGEST}, lock_wait_timeout = 5"
        ),
        SESSION.to_owned(),
    ]
}

/// How a column's values are written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Form {
    /// Digits, a sign, a point.
    Number,
    /// Their text has fewer digits than they have.
    Float,
    /// They stand in the order of their numbers.
    Numbered,
    Bits,
    /// Digits and signs.
    Time,
    Text,
    /// Bytes, geometry, and what is not known here.
    Bytes,
}

fn form(column: &Column) -> Form {
    match column.kind.split(' ').next().unwrap_or_default() {
        "tinyint" | "smallint" | "mediumint" | "int" | "bigint" | "decimal" | "year" => Form::Number,
        "float" | "double" => Form::Float,
        "enum" | "set" => Form::Numbered,
        "bit" => Form::Bits,
        "date" | "datetime" | "timestamp" | "time" => Form::Time,
        "char" | "varchar" | "tinytext" | "text" | "mediumtext" | "longtext" | "uuid" | "inet4" | "inet6" => {
            Form::Text
        }
        _ => Form::Bytes,
    }
}

/// A value as ASCII, which is the same text for the same value alone. NULL is no such text.
fn hashed(column: &Column) -> String {
    let name = quoted(&column.name);
    let value = match form(column) {
        Form::Number | Form::Time => format!("CAST({name} AS CHAR)"),
        Form::Float => format!("CAST({name} + 0e0 AS CHAR)"),
        Form::Bits => format!("CAST({name} + 0 AS CHAR)"),
        Form::Numbered | Form::Text | Form::Bytes => format!("MD5({name})"),
    };
    format!("IFNULL({value},'-')")
}

/// The hash of a row. The key is among its values.
fn row_hash(table: &Table) -> String {
    let columns = table.columns.iter().filter(|column| !column.computed);
    // Nodes may have no column in common.
    let values: Vec<_> = ["''".to_owned()].into_iter().chain(columns.map(hashed)).collect();
    format!("MD5(CONCAT_WS('#',{}))", values.join(","))
}

fn key_columns(table: &Table) -> impl Iterator<Item = &Column> {
    table.key.iter().filter_map(|name| table.column(name))
}

/// A key's value as it is read.
fn key_read(column: &Column) -> String {
    let name = quoted(&column.name);
    match form(column) {
        Form::Number | Form::Time => format!("CAST({name} AS CHAR)"),
        Form::Float => format!("CAST({name} + 0e0 AS CHAR)"),
        Form::Numbered | Form::Bits => format!("CAST({name} + 0 AS CHAR)"),
        Form::Text => format!("HEX(CONVERT({name} USING utf8mb4))"),
        Form::Bytes => format!("HEX({name})"),
    }
}

/// The fields of an answer to [`key_after`], as a key; bytes as `0x…`.
pub fn key(table: &Table, fields: &[String]) -> Option<Key> {
    let values = key_columns(table).zip(fields).map(|(column, field)| match form(column) {
        Form::Text => Some(String::from_utf8_lossy(&unhex(field)?).into_owned()),
        Form::Bytes => Some(format!("0x{field}")),
        _ => Some(field.clone()),
    });
    let key = Key(values.collect::<Option<_>>()?);
    (key.0.len() == table.key.len()).then_some(key)
}

/// A key's value as SQL reads it. It is of a table's own type, so that the key's index is used and its collation counts.
fn literal(column: &Column, value: &str) -> String {
    let bare = |allowed: &str| -> String {
        value.chars().filter(|c| c.is_ascii_digit() || allowed.contains(*c)).collect()
    };
    match form(column) {
        // Two signs would begin a comment.
        Form::Number | Form::Numbered | Form::Bits => bare("-.").replace("--", ""),
        Form::Float => bare("-.e+").replace("--", ""),
        Form::Time => format!("'{}'", bare("-:. ")),
        Form::Text => format!("_utf8mb4 X'{}'", hex(value.as_bytes())),
        Form::Bytes => format!("X'{}'", value.strip_prefix("0x").map(hexadecimal).unwrap_or_default()),
    }
}

fn hexadecimal(text: &str) -> String {
    text.chars().filter(char::is_ascii_hexdigit).collect()
}

/// How a key's column is compared with a value: by their numbers, where these give the order.
fn side(column: &Column) -> String {
    let name = quoted(&column.name);
    match form(column) {
        Form::Numbered => format!("{name} + 0"),
        _ => name,
    }
}

/// Rows from a key on (`>=`), or before it (`<`): `(a > 1 OR (a = 1 AND (b >= 2)))`, by which the index is used.
fn bound(table: &Table, key: &Key, last: &str, strict: &str) -> String {
    let columns: Vec<_> = key_columns(table).zip(&key.0).collect();
    let mut text = String::new();
    for (place, (column, value)) in columns.iter().enumerate().rev() {
        let (name, value) = (side(column), literal(column, value));
        text = match place + 1 == columns.len() {
            true => format!("({name} {last} {value})"),
            false => format!("({name} {strict} {value} OR ({name} = {value} AND {text}))"),
        };
    }
    text
}

fn of(table: &Table, range: &Range) -> String {
    let bounds = [
        range.from.as_ref().map(|key| bound(table, key, ">=", ">")),
        range.to.as_ref().map(|key| bound(table, key, "<", "<")),
    ];
    let bounds: Vec<_> = bounds.into_iter().flatten().collect();
    let condition =
        if bounds.is_empty() { String::new() } else { format!(" WHERE {}", bounds.join(" AND ")) };
    let index = if table.index == "PRIMARY" { " FORCE INDEX (PRIMARY)" } else { "" };
    format!("{}.{}{index}{condition}", quoted(&table.name.schema), quoted(&table.name.name))
}

/// The key of the row that stands so many rows behind the range's first one.
pub fn key_after(table: &Table, range: &Range, rows: u64) -> String {
    let fields: Vec<_> = key_columns(table).map(key_read).collect();
    let order: Vec<_> = table.key.iter().map(|name| quoted(name)).collect();
    format!(
        "SELECT {} FROM {} ORDER BY {} LIMIT 1 OFFSET {rows}",
        fields.join(", "),
        of(table, range),
        order.join(", ")
    )
}

/// Rows, and the sum of their hashes' first halves, which does not depend on the rows' order.
pub fn digest(table: &Table, range: &Range) -> String {
    format!(
        "SELECT COUNT(*), IFNULL(SUM(CAST(CONV(LEFT({},16),16,10) AS UNSIGNED)),0) FROM {}",
        row_hash(table),
        of(table, range)
    )
}

/// The rows' hashes and keys.
pub fn rows(table: &Table, range: &Range) -> String {
    let fields: Vec<_> = [row_hash(table)].into_iter().chain(key_columns(table).map(key_read)).collect();
    format!("SELECT {} FROM {}", fields.join(", "), of(table, range))
}

/// Of each column of one row: characters, and the first of them in hexadecimal. NULL has `-` characters.
pub fn values(table: &Table, key: &Key) -> String {
    let fields = table.columns.iter().map(|column| {
        let name = quoted(&column.name);
        let value = match form(column) {
            Form::Text | Form::Numbered => format!("CONVERT({name} USING utf8mb4)"),
            Form::Bytes => format!("HEX({name})"),
            _ => key_read(column),
        };
        format!("IFNULL(CHAR_LENGTH({value}),'-'), IFNULL(HEX(LEFT({value},{SHOWN})),'')")
    });
    let fields: Vec<_> = fields.collect();
    let equal: Vec<_> = key_columns(table)
        .zip(&key.0)
        .map(|(column, value)| format!("{} = {}", side(column), literal(column, value)))
        .collect();
    let name = format!("{}.{}", quoted(&table.name.schema), quoted(&table.name.name));
    format!("SELECT {} FROM {name} WHERE {}", fields.join(", "), equal.join(" AND "))
}

/// The fields of an answer to [`values`].
pub fn told_values(table: &Table, fields: &[String]) -> Option<Vec<Option<String>>> {
    let of = |(column, pair): (&Column, &[String])| {
        let [length, value] = pair else { return None };
        if length == "-" {
            return Some(None);
        }
        let mut text = String::from_utf8_lossy(&unhex(value)?).into_owned();
        if form(column) == Form::Bytes {
            text.insert_str(0, "0x");
        }
        if length.parse::<usize>().is_ok_and(|length| length > SHOWN) {
            text += &format!("… ({length} characters)");
        }
        Some(Some(text))
    };
    table.columns.iter().zip(fields.chunks(2)).map(of).collect()
}

/// Bytes of hexadecimal digits.
pub fn unhex(text: &str) -> Option<Vec<u8>> {
    let digit = |byte: u8| char::from(byte).to_digit(16).and_then(|digit| u8::try_from(digit).ok());
    let bytes = text.as_bytes().chunks(2);
    bytes
        .map(|pair| match pair {
            [high, low] => Some(digit(*high)? << 4 | digit(*low)?),
            _ => None,
        })
        .collect()
}

pub fn hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::with_capacity(2 * bytes.len()), |text, byte| text + &format!("{byte:02X}"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::kernel::compare::TableName;

    fn table(key: &[&str], columns: &[(&str, &str)]) -> Table {
        let column = |(name, kind): &(&str, &str)| Column {
            name: (*name).to_owned(),
            kind: (*kind).to_owned(),
            definition: String::new(),
            computed: false,
        };
        Table {
            name: TableName::new("a`b", "t"),
            part_of: None,
            key: key.iter().map(|name| (*name).to_owned()).collect(),
            index: "PRIMARY".into(),
            columns: columns.iter().map(column).collect(),
            estimate: 0,
            apart: None,
        }
    }

    fn key_of(values: &[&str]) -> Key {
        Key(values.iter().map(|value| (*value).to_owned()).collect())
    }

    #[test]
    fn a_range_of_a_composite_key_is_written_out() {
        let table = table(&["a", "b"], &[("a", "int"), ("b", "varchar latin1")]);
        let range = Range { from: Some(key_of(&["1", "x'"])), to: Some(key_of(&["-2", "ö"])) };
        let text = rows(&table, &range);
        let condition = "(`a` > 1 OR (`a` = 1 AND (`b` >= _utf8mb4 X'7827'))) AND (`a` < -2 OR (`a` = -2 AND (`b` < _utf8mb4 X'C3B6')))";
        assert!(
            text.ends_with(&format!("FROM `a``b`.`t` FORCE INDEX (PRIMARY) WHERE {condition}")),
            "{text}"
        );
    }

    #[test]
    fn no_value_is_read_as_sql() {
        let columns = [
            ("n", "int"),
            ("d", "datetime"),
            ("f", "double"),
            ("b", "varbinary"),
            ("e", "enum"),
            ("t", "text"),
        ];
        let names: Vec<_> = columns.iter().map(|(name, _)| *name).collect();
        let evil = "0x1' OR 1 -- \\";
        let table = table(&names, &columns);
        let text = values(&table, &key_of(&[evil; 6]));
        assert!(
            !text.contains("OR") && !text.contains('\\') && text.matches('\'').count().is_multiple_of(2),
            "{text}"
        );
        let numbers = table.columns.iter().filter(|column| form(column) != Form::Time);
        numbers.for_each(|column| assert!(!literal(column, evil).contains("--"), "{}", column.kind));
    }

    #[test]
    fn keys_come_back_as_they_were() {
        let table = table(&["t", "b", "n"], &[("t", "varchar"), ("b", "binary"), ("n", "bigint")]);
        let fields = ["C3B6", "00FF", "-7"].map(str::to_owned);
        assert_eq!(key(&table, &fields), Some(key_of(&["ö", "0x00FF", "-7"])));
        assert_eq!(key(&table, &fields[..2]), None);
        assert_eq!(literal(&table.columns[1], "0x00FF"), "X'00FF'");
    }

    #[test]
    fn null_is_no_value() {
        let table = table(&["a"], &[("a", "int"), ("b", "varchar")]);
        let fields = ["1", "31", "-", "", "0", ""].map(str::to_owned);
        assert_eq!(told_values(&table, &fields[..4]), Some(vec![Some("1".into()), None]));
        assert_eq!(told_values(&table, &fields[2..]), Some(vec![None, Some(String::new())]));
    }
}
