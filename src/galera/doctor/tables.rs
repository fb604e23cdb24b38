//! Tables of users that Galera does not replicate, or not well.

use super::Case;
use crate::galera::facts::Tables;
use crate::galera::judge::codes;
use crate::kernel::inventory::text::visible;
use crate::kernel::judge::{Finding, Remedy};
use crate::kernel::model::NodeName;

/// So many tables are named in a finding, at most.
const NAMED: usize = 3;

/// Tables are made on all members, so that one tells for all.
pub fn findings(case: &Case<'_>) -> Vec<Finding> {
    let asked = case.examined.iter().find_map(|(node, it)| Some((node, it.tables.as_ref()?)));
    match asked {
        Some((node, Ok(tables))) => {
            let unread = tables.unread.as_ref().map(|what| not_looked_at(node, what));
            let found = not_replicated(tables).into_iter().chain(keyless(tables)).chain(more(tables));
            found.chain(unread).collect()
        }
        Some((node, Err(why))) => vec![not_looked_at(node, why)],
        None => Vec::new(),
    }
}

fn not_replicated(tables: &Tables) -> Option<Finding> {
    let fix = tables.engine_fix.clone()?;
    let names = tables.not_replicated.iter().map(|(table, engine)| format!("{table} ({engine})"));
    let evidence = format!("{} not of InnoDB: {}", counted(names.len(), " is", "s are"), named(names));
    Some(Finding::new(codes::TABLE_ENGINE, evidence, Remedy::from(fix)))
}

fn keyless(tables: &Tables) -> Option<Finding> {
    let fix = tables.key_fix.clone()?;
    let names = tables.keyless.iter().cloned();
    let evidence = format!("{} no primary key: {}", counted(names.len(), " has", "s have"), named(names));
    Some(Finding::new(codes::PRIMARY_KEY, evidence, Remedy::from(fix)))
}

fn not_looked_at(node: &NodeName, why: &str) -> Finding {
    let evidence = format!("the databases of users were not all looked at: {}", visible(why));
    let next = Remedy::galactl("lint", &[]).and(" looks at them, and takes more time for it");
    Finding::new(codes::SCHEMA, evidence, next).on(node)
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

/// What `galactl lint` tells in full.
fn more(tables: &Tables) -> Option<Finding> {
    let rules: Vec<_> = tables.more.iter().map(|(rule, count)| format!("{rule} ({count})")).collect();
    let evidence = format!("the databases of users do not all fit Galera: {}", rules.join(", "));
    let next = Remedy::galactl("lint", &[]).and(" tells of each what to do");
    (!rules.is_empty()).then(|| Finding::new(codes::SCHEMA, evidence, next))
}
