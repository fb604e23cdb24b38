//! `ALTER TABLE`, as far as rules ask for it.

use super::cursor::{Cursor, parts};
use super::table::{definition, options, settle};
use crate::galera::lint::schema::{KeyKind, Table};
use crate::galera::lint::token::Token;

/// Changes of which no rule asks.
const NO_MATTER: [&str; 19] = [
    "ALGORITHM",
    "ALTER",
    "ANALYZE",
    "CHECK",
    "COALESCE",
    "DISABLE",
    "DISCARD",
    "ENABLE",
    "EXCHANGE",
    "FORCE",
    "IMPORT",
    "LOCK",
    "NOWAIT",
    "OPTIMIZE",
    "ORDER",
    "REBUILD",
    "REORGANIZE",
    "REPAIR",
    "TRUNCATE",
];
/// Options that may stand without an equals sign.
const OPTIONS: [&str; 10] = [
    "AUTO_INCREMENT",
    "CHARACTER",
    "CHARSET",
    "COLLATE",
    "COMMENT",
    "DEFAULT",
    "ENGINE",
    "KEY_BLOCK_SIZE",
    "PARTITION",
    "ROW_FORMAT",
];

/// One change of `ALTER TABLE name change, change …`. `None`: it is none that can be read.
pub fn alter(table: &mut Table, change: &[Token]) -> Option<()> {
    let mut cursor = Cursor::new(change);
    if cursor.take_one(&["ADD"]) {
        add(table, &mut cursor)?;
    } else if cursor.take_one(&["MODIFY"]) {
        cursor.take_one(&["COLUMN"]);
        cursor.take(&["IF", "EXISTS"]);
        definition(table, cursor.rest())?;
    } else if cursor.take_one(&["CHANGE"]) {
        cursor.take_one(&["COLUMN"]);
        cursor.take(&["IF", "EXISTS"]);
        let (old, new) = (cursor.name()?, Cursor::new(cursor.rest()).name()?);
        rename_column(table, &old, &new);
        definition(table, cursor.rest())?;
    } else if cursor.take_one(&["DROP"]) {
        drop_part(table, &mut cursor)?;
    } else if cursor.take_one(&["RENAME"]) {
        rename(table, &mut cursor)?;
    } else if cursor.take(&["CONVERT", "TO"]) {
        table.columns.iter_mut().for_each(|column| column.charset = None);
        options(table, &mut cursor)?;
    } else if cursor.take(&["REMOVE", "PARTITIONING"]) {
        table.partitions = None;
    } else if !cursor.take_one(&NO_MATTER) {
        is_option(change).then_some(())?;
        options(table, &mut cursor)?;
    }
    settle(table);
    Some(())
}

fn is_option(change: &[Token]) -> bool {
    let named = change.first().is_some_and(|first| OPTIONS.iter().any(|option| first.is(option)));
    named || change.get(1) == Some(&Token::Sign('='))
}

fn add(table: &mut Table, cursor: &mut Cursor<'_>) -> Option<()> {
    if cursor.take(&["SYSTEM", "VERSIONING"]) {
        table.versioned = true;
        return Some(());
    }
    if cursor.take_one(&["PARTITION"]) {
        return Some(());
    }
    cursor.take_one(&["COLUMN"]);
    cursor.take(&["IF", "NOT", "EXISTS"]);
    match cursor.brackets() {
        Some(inside) => parts(inside).into_iter().try_for_each(|part| definition(table, part)),
        None => definition(table, cursor.rest()),
    }
}

/// What stands behind `DROP`.
fn drop_part(table: &mut Table, cursor: &mut Cursor<'_>) -> Option<()> {
    if cursor.take(&["PRIMARY", "KEY"]) {
        table.keys.retain(|key| key.kind != KeyKind::Primary);
    } else if cursor.take(&["SYSTEM", "VERSIONING"]) {
        table.versioned = false;
    } else if cursor.take_one(&["PARTITION", "PERIOD"]) {
    } else if cursor.take(&["FOREIGN", "KEY"]) {
        let name = dropped(cursor)?;
        table.foreign_keys.retain(|key| !key.name.eq_ignore_ascii_case(&name));
    } else if cursor.take_one(&["KEY", "INDEX"]) {
        drop_key(table, &dropped(cursor)?);
    } else if cursor.take_one(&["CONSTRAINT"]) {
        let name = dropped(cursor)?;
        table.foreign_keys.retain(|key| !key.name.eq_ignore_ascii_case(&name));
        drop_key(table, &name);
    } else {
        cursor.take_one(&["COLUMN"]);
        drop_column(table, &dropped(cursor)?);
    }
    Some(())
}

fn dropped(cursor: &mut Cursor<'_>) -> Option<String> {
    cursor.take(&["IF", "EXISTS"]);
    cursor.name()
}

/// Also for `DROP INDEX name ON table`.
pub fn drop_key(table: &mut Table, name: &str) {
    let is_primary = name.eq_ignore_ascii_case("PRIMARY");
    table.keys.retain(|key| match key.kind {
        KeyKind::Primary => !is_primary,
        _ => !key.name.eq_ignore_ascii_case(name),
    });
}

/// The column goes out of each key, and a key without columns goes too.
fn drop_column(table: &mut Table, name: &str) {
    table.columns.retain(|column| !column.name.eq_ignore_ascii_case(name));
    for key in &mut table.keys {
        key.parts.retain(|part| !part.column.eq_ignore_ascii_case(name));
    }
    table.keys.retain(|key| !key.parts.is_empty());
}

/// What stands behind `RENAME`. A new name of the table itself is not followed.
fn rename(table: &mut Table, cursor: &mut Cursor<'_>) -> Option<()> {
    let is_column = cursor.take_one(&["COLUMN"]);
    (is_column || cursor.take_one(&["KEY", "INDEX"])).then_some(())?;
    let old = dropped(cursor)?;
    cursor.take_one(&["TO"]).then_some(())?;
    let new = cursor.name()?;
    match is_column {
        true => rename_column(table, &old, &new),
        false => {
            let keys = table.keys.iter_mut().filter(|key| key.name.eq_ignore_ascii_case(&old));
            keys.for_each(|key| key.name.clone_from(&new));
        }
    }
    Some(())
}

fn rename_column(table: &mut Table, old: &str, new: &str) {
    let columns = table.columns.iter_mut().map(|column| &mut column.name);
    let in_keys = table.keys.iter_mut().flat_map(|key| &mut key.parts).map(|part| &mut part.column);
    let in_foreign = table.foreign_keys.iter_mut().flat_map(|key| &mut key.columns);
    let named = columns.chain(in_keys).chain(in_foreign).filter(|name| name.eq_ignore_ascii_case(old));
    named.for_each(|name| new.clone_into(name));
}
