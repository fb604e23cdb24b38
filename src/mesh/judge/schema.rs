//! Whether tables can be sent.

use super::{Basis, codes};
use crate::kernel::judge::{Code, Finding, Remedy};
use crate::kernel::model::NodeName;
use crate::kernel::model::words::names;
use crate::mesh::facts::{HostFacts, Table};
use crate::mesh::inventory::Database;

/// The tables of a database that the inventory wants on all nodes.
pub fn wanted<'a>(facts: &'a HostFacts, database: &'a Database) -> impl Iterator<Item = &'a Table> {
    let there = facts.database(&database.name).into_iter().flat_map(|it| &it.tables);
    there.filter(|table| database.has(&table.schema, &table.name))
}

/// What stands against sending the tables of this node.
pub fn refusals(basis: &Basis<'_>, node: &NodeName, facts: &HostFacts) -> Vec<Finding> {
    let column = basis.inventory.conflicts.column.as_deref();
    let mut found = Vec::new();
    for database in &basis.inventory.databases {
        let of = |is: &dyn Fn(&Table) -> bool| {
            wanted(facts, database).filter(|table| is(table)).collect::<Vec<_>>()
        };
        let keyless = of(&|table| table.key.is_empty());
        let add = "ALTER TABLE … ADD PRIMARY KEY (…)";
        found.extend(finding(codes::NO_KEY, database, &keyless, "no primary key", add));
        let unlogged = of(&|table| table.unlogged);
        found.extend(finding(codes::UNLOGGED, database, &unlogged, "UNLOGGED", "ALTER TABLE … SET LOGGED"));
        let Some(column) = column else { continue };
        let alien = of(&|table| !table.key.is_empty() && table.key.iter().all(|it| it != column));
        let what = format!("no column `{column}` in the primary key");
        let next = format!("put `{column}` into the primary key");
        found.extend(finding(codes::REGION_KEY, database, &alien, &what, &next));
    }
    found.into_iter().map(|finding| finding.on(node)).collect()
}

fn finding(code: Code, database: &Database, tables: &[&Table], what: &str, next: &str) -> Option<Finding> {
    if tables.is_empty() {
        return None;
    }
    let names = names(&tables.iter().map(|table| table.full_name()).collect::<Vec<_>>(), "and");
    let evidence = format!("in database {}: {what}: {names}", database.name);
    let next = Remedy::from(format!("{next}; or name them under `databases.except` in "))
        .and(Remedy::Inventory)
        .and(", and they are not sent");
    Some(Finding::new(code, evidence, next))
}
