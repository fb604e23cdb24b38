//! `DROP …`: what was defined before, and is gone.

use super::Builder;
use super::alter::drop_key;
use super::cursor::{Cursor, parts};
use super::program;
use super::table::name;
use crate::galera::lint::schema::Name;

/// Nothing that rules look at.
const NO_MATTER: [&str; 8] =
    ["LOGFILE", "PREPARE", "ROLE", "SERVER", "TABLESPACE", "TEMPORARY", "USER", "UNDO"];

/// `None`: it is none that can be read.
pub fn dropped(builder: &mut Builder, cursor: &mut Cursor<'_>) -> Option<()> {
    cursor.take_one(&["DROP"]);
    if cursor.take_one(&NO_MATTER) {
        return Some(());
    }
    if cursor.take_one(&["DATABASE", "SCHEMA"]) {
        cursor.take(&["IF", "EXISTS"]);
        database(builder, &cursor.name()?);
        return Some(());
    }
    if cursor.take_one(&["INDEX"]) {
        return index(builder, cursor);
    }
    if cursor.take_one(&["TABLE", "TABLES", "SEQUENCE"]) {
        return each(builder, cursor, table);
    }
    let kind = program::kind(cursor)?;
    each(builder, cursor, |builder, name| drop(builder.programs.remove(&(kind, name.clone()))))
}

fn each(
    builder: &mut Builder,
    cursor: &mut Cursor<'_>,
    mut gone: impl FnMut(&mut Builder, &Name),
) -> Option<()> {
    cursor.take(&["IF", "EXISTS"]);
    for part in parts(cursor.rest()) {
        let name = name(&mut Cursor::new(part), &builder.current)?;
        gone(builder, &name);
    }
    Some(())
}

/// Its triggers go with it.
fn table(builder: &mut Builder, name: &Name) {
    builder.tables.remove(name);
    builder.sequences.remove(name);
    builder.programs.retain(|_, program| program.table.as_ref() != Some(name));
}

fn database(builder: &mut Builder, schema: &str) {
    builder.tables.retain(|name, _| name.schema != schema);
    builder.sequences.retain(|name, _| name.schema != schema);
    builder.programs.retain(|(_, name), _| name.schema != schema);
}

fn index(builder: &mut Builder, cursor: &mut Cursor<'_>) -> Option<()> {
    cursor.take(&["IF", "EXISTS"]);
    let key = cursor.name()?;
    cursor.take_one(&["ON"]).then_some(())?;
    let of = name(cursor, &builder.current)?;
    drop_key(builder.tables.get_mut(&of)?, &key);
    Some(())
}
