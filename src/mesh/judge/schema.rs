//! What the rules of lint find in what every look tells, as findings of bootstrap and doctor: one for each rule and database.

use std::collections::BTreeMap;

use super::{Basis, codes};
use crate::kernel::judge::{Code, Finding, Remedy, Severity};
use crate::kernel::lint;
use crate::kernel::model::NodeName;
use crate::mesh::facts::{HostFacts, Table};
use crate::mesh::inventory::Database;
use crate::mesh::lint::wanted as wanted_of;
use crate::mesh::lint::{Place, Subject, rules};

/// So many objects of one rule are named; lint names all of them.
const MOST: usize = 20;
/// For what a birth is refused. A merge function that is missing is judged with those that diverge.
const REFUSED: [Code; 4] = [codes::NO_KEY, codes::UNLOGGED, codes::REGION_KEY, codes::REPLICA_IDENTITY];

/// The tables of a database that the inventory wants on all nodes.
pub fn wanted<'a>(facts: &'a HostFacts, database: &'a Database) -> impl Iterator<Item = &'a Table> {
    facts.database(&database.name).into_iter().flat_map(move |told| wanted_of(told, database))
}

/// A database of the inventory on this node, as the rules look at it.
pub fn subject<'a>(
    basis: &Basis<'a>,
    node: &NodeName,
    facts: &'a HostFacts,
    database: &'a Database,
) -> Option<Subject<'a>> {
    let member = basis.members().iter().any(|(member, _)| &member.name == node);
    let told = facts.database(&database.name)?;
    Some(Subject { place: Place::of(basis.inventory, member), database, told, more: None })
}

/// What stands against sending the tables of this node.
pub fn refusals(basis: &Basis<'_>, node: &NodeName, facts: &HostFacts) -> Vec<Finding> {
    found(basis, node, facts, &REFUSED)
}

/// What stands against keeping its sequences apart.
pub fn increments(basis: &Basis<'_>, node: &NodeName, facts: &HostFacts) -> Vec<Finding> {
    found(basis, node, facts, &[codes::SEQUENCE_INCREMENT])
}

/// What these rules find on this node, without notes.
pub fn found(basis: &Basis<'_>, node: &NodeName, facts: &HostFacts, which: &[Code]) -> Vec<Finding> {
    let of = |database| {
        let it = subject(basis, node, facts, database)?;
        let mut own = rules::of_look(it);
        own.retain(|finding| which.contains(&finding.rule) && finding.severity > Severity::Note);
        Some(told(database, own))
    };
    basis.inventory.databases.iter().filter_map(of).flatten().map(|finding| finding.on(node)).collect()
}

/// One finding for all that a rule has found in a database.
pub fn told(database: &Database, all: Vec<lint::Finding>) -> Vec<Finding> {
    let mut by_rule: BTreeMap<&str, Vec<lint::Finding>> = BTreeMap::new();
    for finding in all {
        by_rule.entry(finding.rule.name).or_default().push(finding);
    }
    by_rule.into_values().filter_map(|all| one(database, &all)).collect()
}

fn one(database: &Database, all: &[lint::Finding]) -> Option<Finding> {
    let first = all.first()?;
    let prefix = format!("{}.", database.name);
    let line = |it: &lint::Finding| {
        format!("{} {}", it.object.strip_prefix(&prefix).unwrap_or(&it.object), it.evidence)
    };
    let mut lines: Vec<_> = all.iter().take(MOST).map(line).collect();
    if all.len() > MOST {
        lines.push(format!("and {} more", all.len() - MOST));
    }
    let evidence = format!("in database {}: {}", database.name, lines.join("; "));
    let mut next = Remedy::from(first.fix.as_str());
    if all.len() > 1 {
        next = next.and("; of all of them: ").and(Remedy::galactl("lint", &[]));
    }
    let severity = all.iter().map(|it| it.severity).max().unwrap_or(first.severity);
    Some(Finding::new(first.rule, evidence, next).severity(severity))
}
