//! Tables of users that Galera does not replicate, or not well.

use super::Case;
use crate::galera::facts::Tables;
use crate::galera::judge::codes;
use crate::kernel::judge::{Finding, Remedy};

/// So many tables are named in a finding, at most.
const NAMED: usize = 3;

/// Tables are made on all members, so that one tells for all.
pub fn findings(case: &Case<'_>) -> Vec<Finding> {
    let Some(tables) = case.examined.values().find_map(|it| it.tables.as_ref()) else { return Vec::new() };
    not_replicated(tables).into_iter().chain(keyless(tables)).collect()
}

/// A plain ALTER TABLE runs on every member with that member's own rows, which differ from then on for good.
fn not_replicated(tables: &Tables) -> Option<Finding> {
    let (first, _) = tables.not_replicated.first()?;
    let names = tables.not_replicated.iter().map(|(table, engine)| format!("{table} ({engine})"));
    let evidence = format!("{} not of InnoDB: {}", counted(names.len(), " is", "s are"), named(names));
    let next = format!(
        "no plain ALTER TABLE, which keeps the rows of each member; on the member whose rows count: {}",
        copied(first, "ENGINE=InnoDB")
    );
    Some(Finding::new(codes::TABLE_ENGINE, evidence, Remedy::from(next)))
}

/// As above: members number the rows of a table without a key each in its own order.
fn keyless(tables: &Tables) -> Option<Finding> {
    let first = tables.keyless.first()?;
    let names = tables.keyless.iter().cloned();
    let evidence = format!("{} no primary key: {}", counted(names.len(), " has", "s have"), named(names));
    let key = "ADD id BIGINT UNSIGNED NOT NULL AUTO_INCREMENT PRIMARY KEY FIRST";
    let next = format!("give it a key of its own columns, or on one member: {}", copied(first, key));
    Some(Finding::new(codes::PRIMARY_KEY, evidence, Remedy::from(next)))
}

fn counted(count: usize, one: &str, more: &str) -> String {
    match count {
        1 => format!("1 table{one}"),
        Tables::MOST.. => format!("{count} or more table{more}"),
        _ => format!("{count} table{more}"),
    }
}

fn named(names: impl ExactSizeIterator<Item = String>) -> String {
    let more = names.len() > NAMED;
    let names: Vec<_> = names.take(NAMED).collect();
    names.join(", ") + if more { ", …" } else { "" }
}

/// Statements that copy a table's rows through replication, which gives them to all members alike.
fn copied(table: &str, change: &str) -> String {
    let [old, new, kept] = ["", "_new", "_old"].map(|end| quoted(&format!("{table}{end}")));
    let columns = if change.starts_with("ADD") { "SELECT NULL, t.*" } else { "SELECT t.*" };
    format!(
        "CREATE TABLE {new} LIKE {old}; ALTER TABLE {new} {change}; INSERT INTO {new} {columns} FROM {old} t; RENAME TABLE {old} TO {kept}, {new} TO {old}; and when all rows are there: DROP TABLE {kept}"
    )
}

/// `shop.t` → `` `shop`.`t` ``, where it is more than letters, digits and underscores.
fn quoted(table: &str) -> String {
    let part = |part: &str| {
        let plain = part.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_');
        if plain { part.to_owned() } else { format!("`{}`", part.replace('`', "``")) }
    };
    let (schema, name) = table.split_once('.').unwrap_or(("", table));
    format!("{}.{}", part(schema), part(name))
}
