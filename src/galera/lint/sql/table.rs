//! `CREATE TABLE`, as far as rules ask for it.

use super::cursor::{Cursor, parts};
use crate::galera::lint::schema::{Column, ForeignKey, Key, KeyKind, Name, Part, Table};
use crate::galera::lint::token::Token;

/// The words with which a key begins, each with what kind it is.
const KEYS: [(&str, KeyKind); 6] = [
    ("PRIMARY", KeyKind::Primary),
    ("UNIQUE", KeyKind::Unique),
    ("FULLTEXT", KeyKind::Fulltext),
    ("SPATIAL", KeyKind::Spatial),
    ("KEY", KeyKind::Plain),
    ("INDEX", KeyKind::Plain),
];

/// The kind of key that begins with this word.
pub fn key_kind(token: &Token) -> Option<KeyKind> {
    KEYS.iter().find(|(word, _)| token.is(word)).map(|(_, kind)| *kind)
}

/// `db.name`, or a name in the database at hand.
pub fn name(cursor: &mut Cursor<'_>, schema: &str) -> Option<Name> {
    let first = cursor.name()?;
    Some(match cursor.take_sign('.') {
        true => Name::new(first, cursor.name()?),
        false => Name::new(schema, first),
    })
}

/// What stands behind `CREATE TABLE name`. `None`: it is none that can be read.
pub fn table(name: Name, cursor: &mut Cursor<'_>) -> Option<Table> {
    let mut table = Table { name, engine: "InnoDB".into(), ..Table::default() };
    for part in parts(cursor.brackets()?) {
        definition(&mut table, part)?;
    }
    options(&mut table, cursor)?;
    settle(&mut table);
    Some(table)
}

/// A column, a key or a constraint.
pub fn definition(table: &mut Table, tokens: &[Token]) -> Option<()> {
    let mut cursor = Cursor::new(tokens);
    let mut constraint = String::new();
    if cursor.take_one(&["CONSTRAINT"]) && !next_is_constraint(&cursor) {
        constraint = cursor.name()?;
    }
    if cursor.take_one(&["CHECK"]) || cursor.take(&["PERIOD", "FOR"]) {
        return Some(());
    }
    if cursor.take(&["FOREIGN", "KEY"]) {
        let key = foreign_key(constraint, table, &mut cursor)?;
        table.foreign_keys.push(key);
        return Some(());
    }
    match cursor.peek().and_then(key_kind) {
        Some(kind) => {
            cursor.next();
            cursor.take_one(&["KEY", "INDEX"]);
            table.keys.push(key(kind, constraint, &mut cursor)?);
        }
        None => column(table, &mut cursor)?,
    }
    Some(())
}

fn next_is_constraint(cursor: &Cursor<'_>) -> bool {
    let words = ["CHECK", "FOREIGN", "PRIMARY", "UNIQUE"];
    cursor.peek().is_some_and(|token| words.iter().any(|word| token.is(word)))
}

/// What stands behind the words of a key: `name USING BTREE (a, b(10) DESC)`.
pub fn key(kind: KeyKind, constraint: String, cursor: &mut Cursor<'_>) -> Option<Key> {
    cursor.take(&["IF", "NOT", "EXISTS"]);
    let mut name = constraint;
    if cursor.peek().is_some_and(|token| !token.is("USING")) {
        name = cursor.name().unwrap_or(name);
    }
    if cursor.take_one(&["USING"]) {
        cursor.next();
    }
    let part = |tokens: &[Token]| {
        let mut cursor = Cursor::new(tokens);
        Some(Part { column: cursor.name()?, prefix: cursor.brackets().is_some() })
    };
    let parts = parts(cursor.brackets()?).into_iter().map(part).collect::<Option<Vec<_>>>()?;
    Some(Key { kind, name, parts })
}

fn foreign_key(constraint: String, table: &Table, cursor: &mut Cursor<'_>) -> Option<ForeignKey> {
    cursor.take(&["IF", "NOT", "EXISTS"]);
    let name = if constraint.is_empty() { cursor.name().unwrap_or_default() } else { constraint };
    let columns = columns(cursor.brackets()?);
    cursor.take_one(&["REFERENCES"]).then_some(())?;
    reference(name, columns, table, cursor)
}

/// What stands behind `REFERENCES`.
fn reference(
    name: String,
    columns: Vec<String>,
    table: &Table,
    cursor: &mut Cursor<'_>,
) -> Option<ForeignKey> {
    // As InnoDB names a key without a name.
    let usual = || format!("{}_ibfk_{}", table.name.name, table.foreign_keys.len() + 1);
    let name = if name.is_empty() { usual() } else { name };
    let parent = self::name(cursor, &table.name.schema)?;
    cursor.brackets();
    let mut key = ForeignKey { name, columns, parent, on_delete: String::new(), on_update: String::new() };
    loop {
        if cursor.take(&["ON", "DELETE"]) {
            key.on_delete = action(cursor);
        } else if cursor.take(&["ON", "UPDATE"]) {
            key.on_update = action(cursor);
        } else if cursor.take_one(&["MATCH"]) {
            cursor.next();
        } else {
            return Some(key);
        }
    }
}

fn action(cursor: &mut Cursor<'_>) -> String {
    for words in [&["SET", "NULL"][..], &["SET", "DEFAULT"], &["NO", "ACTION"], &["CASCADE"], &["RESTRICT"]] {
        if cursor.take(words) {
            return words.join(" ");
        }
    }
    String::new()
}

fn columns(tokens: &[Token]) -> Vec<String> {
    parts(tokens).into_iter().filter_map(|part| Cursor::new(part).name()).collect()
}

fn column(table: &mut Table, cursor: &mut Cursor<'_>) -> Option<()> {
    let mut column = Column { name: cursor.name()?, nullable: true, ..Column::default() };
    column.kind = cursor.name()?.to_ascii_lowercase();
    if let Some([Token::Number(number)]) = cursor.brackets() {
        column.length = number.parse().ok();
    }
    if column.kind == "serial" {
        (column.kind, column.unsigned, column.auto_increment) = ("bigint".into(), true, true);
        column.nullable = false;
        table.keys.push(of_column(KeyKind::Unique, &column.name));
    }
    while let Some(token) = cursor.next() {
        let Token::Word(word) = token else {
            // A list of values, or an expression.
            continue;
        };
        match word.to_ascii_uppercase().as_str() {
            "UNSIGNED" => column.unsigned = true,
            "NOT" if cursor.take_one(&["NULL"]) => column.nullable = false,
            "AUTO_INCREMENT" => column.auto_increment = true,
            "DEFAULT" | "COMMENT" => drop(cursor.next()),
            "ON" => drop((cursor.next(), cursor.next())),
            "CHECK" => drop(cursor.brackets()),
            "GENERATED" => column.generated = true,
            "AS" => {
                column.generated = true;
                cursor.brackets();
            }
            "INVISIBLE" => column.invisible = true,
            // The server enforces it since 10.5.
            "REFERENCES" => {
                let key = reference(String::new(), vec![column.name.clone()], table, cursor)?;
                table.foreign_keys.push(key);
            }
            "CHARSET" => column.charset = cursor.value().map(|name| charset(&name)),
            "CHARACTER" if cursor.take_one(&["SET"]) => {
                column.charset = cursor.value().map(|name| charset(&name));
            }
            "COLLATE" => {
                let collation = cursor.value();
                column.charset = column.charset.or_else(|| collation.as_deref().and_then(of_collation));
            }
            "PRIMARY" => {
                cursor.take_one(&["KEY"]);
                table.keys.push(of_column(KeyKind::Primary, &column.name));
            }
            "UNIQUE" => {
                cursor.take_one(&["KEY"]);
                table.keys.push(of_column(KeyKind::Unique, &column.name));
            }
            "KEY" => table.keys.push(of_column(KeyKind::Primary, &column.name)),
            _ => {}
        }
    }
    table.columns.retain(|other| !other.name.eq_ignore_ascii_case(&column.name));
    table.columns.push(column);
    Some(())
}

fn of_column(kind: KeyKind, column: &str) -> Key {
    Key { kind, name: column.to_owned(), parts: vec![Part { column: column.to_owned(), prefix: false }] }
}

/// Behind the definitions: `ENGINE=InnoDB … PARTITION BY …`.
pub fn options(table: &mut Table, cursor: &mut Cursor<'_>) -> Option<()> {
    while let Some(token) = cursor.next() {
        let Token::Word(word) = token else { continue };
        match word.to_ascii_uppercase().as_str() {
            "ENGINE" | "TYPE" => table.engine = cursor.value()?,
            "AUTO_INCREMENT" => table.auto_increment = cursor.value()?.parse().ok(),
            "CHARSET" => table.charset = charset(&cursor.value()?),
            "CHARACTER" if cursor.take_one(&["SET"]) => table.charset = charset(&cursor.value()?),
            "COLLATE" => {
                let collation = cursor.value()?;
                if table.charset.is_empty() {
                    table.charset = of_collation(&collation).unwrap_or_default();
                }
            }
            "ROW_FORMAT" => table.row_format = cursor.value()?.to_ascii_uppercase(),
            "COMMENT" => drop(cursor.value()),
            "SYSTEM" if cursor.take_one(&["VERSIONING"]) => table.versioned = true,
            "PARTITION" if cursor.take_one(&["BY"]) => {
                table.partitions = Some(text(cursor.rest()));
                return Some(());
            }
            // Its rows come from another table, and so may its columns. A sequence in this form does not tell its step.
            "SELECT" | "AS" | "SEQUENCE" => return None,
            _ => {}
        }
    }
    Some(())
}

fn text(tokens: &[Token]) -> String {
    let word = |token: &Token| match token {
        Token::Word(text) | Token::Name(text) | Token::Text(text) | Token::Number(text) => {
            text.to_ascii_uppercase()
        }
        Token::Sign(sign) => sign.to_string(),
    };
    tokens.iter().map(word).collect::<Vec<_>>().join(" ")
}

/// What follows from the whole: columns of the primary key are NOT NULL; a key of a column stands once.
pub fn settle(table: &mut Table) {
    let of_primary: Vec<String> =
        table.primary_key().iter().flat_map(|key| key.parts.iter().map(|part| part.column.clone())).collect();
    for column in &mut table.columns {
        if of_primary.iter().any(|name| name.eq_ignore_ascii_case(&column.name)) {
            column.nullable = false;
        }
    }
}

/// Before 10.6, `utf8` is the name of utf8mb3.
fn charset(name: &str) -> String {
    match name.to_ascii_lowercase().as_str() {
        "utf8" => "utf8mb3".into(),
        other => other.into(),
    }
}

/// `utf8mb4_unicode_ci` is a collation of utf8mb4; `uca1400_ai_ci` is one of several.
fn of_collation(collation: &str) -> Option<String> {
    let (set, _) = collation.split_once('_')?;
    (set != "uca1400").then(|| charset(set))
}
