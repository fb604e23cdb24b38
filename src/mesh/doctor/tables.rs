//! Tables that are not the same on all members, or whose changes are not sent.

use std::collections::{BTreeMap, BTreeSet};

use crate::kernel::judge::{Code, Finding, Remedy};
use crate::kernel::model::words::names;
use crate::mesh::facts::{HostFacts, Table};
use crate::mesh::inventory::{Database, Node};
use crate::mesh::judge::{Basis, codes, schema};
use crate::mesh::model::Method;

/// Where one table is.
type Places<'a> = Vec<(&'a Node, &'a Table)>;

pub fn findings(basis: &Basis<'_>) -> Vec<Finding> {
    let members: Vec<_> = basis.members().into_iter().filter(|(_, facts)| facts.live().is_some()).collect();
    basis.inventory.databases.iter().flat_map(|database| in_database(basis, database, &members)).collect()
}

fn in_database(basis: &Basis<'_>, database: &Database, members: &[(&Node, &HostFacts)]) -> Vec<Finding> {
    let members: Vec<_> =
        members.iter().filter(|(_, facts)| facts.database(&database.name).is_some()).collect();
    let mut all: BTreeMap<String, Places<'_>> = BTreeMap::new();
    for (node, facts) in &members {
        for table in schema::wanted(facts, database) {
            all.entry(table.full_name()).or_default().push((*node, table));
        }
    }
    let mut found = Vec::new();
    for (name, places) in &all {
        let what = || format!("table {name} of database {}", database.name);
        if places.len() < members.len() {
            let there: Vec<_> = places.iter().map(|(node, _)| node.name.as_str()).collect();
            let absent: Vec<_> =
                members.iter().map(|(node, _)| node.name.as_str()).filter(|it| !there.contains(it)).collect();
            let evidence =
                format!("{} is on {}, and not on {}", what(), names(&there, "and"), names(&absent, "and"));
            let next = format!(
                "make it on {} as well, before anybody writes to it, or drop it",
                names(&absent, "and")
            );
            found.push(Finding::new(codes::TABLE_MISSING, evidence, next));
            continue;
        }
        found.extend(differing(&what(), places));
        found.extend(not_sent(basis, &what(), database, places));
    }
    found
}

/// Columns, and the primary key.
fn differing(what: &str, places: &Places<'_>) -> Option<Finding> {
    let (first, known) = places.first()?;
    let (other, table) = places.iter().find(|(_, table)| !same(known, table))?;
    let own: BTreeSet<_> = known.columns.iter().collect();
    let theirs: BTreeSet<_> = table.columns.iter().collect();
    let differ: Vec<_> = own.symmetric_difference(&theirs).map(|column| format!("`{column}`")).collect();
    let differ = if differ.is_empty() { "the primary key".into() } else { names(&differ, "and") };
    let evidence = format!("{what} differs between {} and {}: {differ}", first.name, other.name);
    let next = "make them the same; a column that one node sends and another one has not stops that one";
    Some(Finding::new(codes::COLUMNS_DIFFER, evidence, next))
}

/// In any order.
fn same(one: &Table, other: &Table) -> bool {
    let columns = |table: &Table| table.columns.iter().cloned().collect::<BTreeSet<_>>();
    columns(one) == columns(other) && one.key == other.key
}

/// It can be sent, and is not.
fn not_sent(basis: &Basis<'_>, what: &str, database: &Database, places: &Places<'_>) -> Option<Finding> {
    let silent: Vec<_> =
        places.iter().filter(|(_, table)| !table.sent && !table.key.is_empty() && !table.unlogged).collect();
    let (_, table) = silent.first()?;
    let nodes: Vec<_> = silent.iter().map(|(node, _)| node.name.as_str()).collect();
    let evidence = format!("{what} is not sent by {}", names(&nodes, "and"));
    let next = Remedy::from(format!("on each of {}, before anybody writes to it: ", names(&nodes, "and")))
        .and(send(basis.inventory.method, database.name.as_str(), &table.full_name()))
        .and("; or name it under `databases.except` in ")
        .and(Remedy::Inventory);
    Some(Finding::new(codes::NOT_SENT, evidence, next))
}

fn send(method: Method, database: &str, table: &str) -> String {
    match method {
        Method::Native => format!(
            "sudo -u postgres psql -d {database} -c 'ALTER PUBLICATION galactl ADD TABLE {table}', and afterwards for each subscription there: ALTER SUBSCRIPTION … REFRESH PUBLICATION WITH (copy_data = false)"
        ),
        Method::Pglogical | Method::Spock | Method::Bdr => format!(
            "sudo -u postgres psql -d {database} -c \"SELECT pglogical.replication_set_add_table('default', '{table}')\""
        ),
    }
}

/// One finding for all tables of a kind.
pub fn of_kind(
    code: Code,
    basis: &Basis<'_>,
    is: impl Fn(&Table) -> Vec<String>,
    evidence: impl Fn(&str, String) -> String,
    next: &str,
) -> Vec<Finding> {
    let Some((_, facts)) = basis.members().into_iter().find(|(_, facts)| facts.live().is_some()) else {
        return Vec::new();
    };
    let in_database = |database: &Database| {
        let tables = schema::wanted(facts, database).filter(|table| table.sent);
        let told: Vec<_> = tables.flat_map(&is).collect();
        let words = || evidence(database.name.as_str(), names(&told, "and"));
        (!told.is_empty()).then(|| Finding::new(code, words(), next))
    };
    basis.inventory.databases.iter().filter_map(in_database).collect()
}
