//! Tables of users that Galera does not replicate, or not well.

use super::Case;
use crate::galera::facts::Tables;
use crate::galera::judge::codes;
use crate::galera::lint::{Name, copied};
use crate::kernel::judge::{Finding, Remedy};

/// So many tables are named in a finding, at most.
const NAMED: usize = 3;

/// Tables are made on all members, so that one tells for all.
pub fn findings(case: &Case<'_>) -> Vec<Finding> {
    let Some(tables) = case.examined.values().find_map(|it| it.tables.as_ref()) else { return Vec::new() };
    not_replicated(tables).into_iter().chain(keyless(tables)).chain(more(tables)).collect()
}

/// A plain ALTER TABLE runs on every member with that member's own rows, which differ from then on for good.
fn not_replicated(tables: &Tables) -> Option<Finding> {
    let (first, _) = tables.not_replicated.first()?;
    let names = tables.not_replicated.iter().map(|(table, engine)| format!("{table} ({engine})"));
    let evidence = format!("{} not of InnoDB: {}", counted(names.len(), " is", "s are"), named(names));
    let next = format!(
        "no plain ALTER TABLE, which keeps the rows of each member; on the member whose rows count: {}",
        copied(&name(first), "ENGINE=InnoDB")
    );
    Some(Finding::new(codes::TABLE_ENGINE, evidence, Remedy::from(next)))
}

/// As above: members number the rows of a table without a key each in its own order.
fn keyless(tables: &Tables) -> Option<Finding> {
    let first = tables.keyless.first()?;
    let names = tables.keyless.iter().cloned();
    let evidence = format!("{} no primary key: {}", counted(names.len(), " has", "s have"), named(names));
    let key = "ADD id BIGINT UNSIGNED NOT NULL AUTO_INCREMENT PRIMARY KEY FIRST";
    let next = format!("give it a key of its own columns, or on one member: {}", copied(&name(first), key));
    Some(Finding::new(codes::PRIMARY_KEY, evidence, Remedy::from(next)))
}

fn counted(count: usize, one: &str, more: &str) -> String {
    match count {
        1 => format!("1 table{one}"),
        _ => format!("{count} table{more}"),
    }
}

fn named(names: impl ExactSizeIterator<Item = String>) -> String {
    let more = names.len() > NAMED;
    let names: Vec<_> = names.take(NAMED).collect();
    names.join(", ") + if more { ", …" } else { "" }
}

/// `shop.t`: the name of a database has no dot as a rule, and nothing is done by itself with what is told here.
fn name(table: &str) -> Name {
    let (schema, name) = table.split_once('.').unwrap_or(("", table));
    Name::new(schema, name)
}

/// What `galactl lint` tells in full.
fn more(tables: &Tables) -> Option<Finding> {
    let rules: Vec<_> = tables.more.iter().map(|(rule, count)| format!("{rule} ({count})")).collect();
    let evidence = format!("the databases of users do not all fit Galera: {}", rules.join(", "));
    let next = Remedy::galactl("lint", &[]).and(" tells of each what to do");
    (!rules.is_empty()).then(|| Finding::new(codes::SCHEMA, evidence, next))
}
