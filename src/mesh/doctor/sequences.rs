//! Sequences that end soon, or that give numbers of another node.

use crate::kernel::judge::{Finding, Remedy};
use crate::kernel::model::words::names;
use crate::mesh::facts::{Database, Sequence};
use crate::mesh::inventory::Node;
use crate::mesh::judge::{Basis, codes, schema};
use crate::mesh::model::DatabaseName;

pub fn findings(basis: &Basis<'_>) -> Vec<Finding> {
    let mut found = Vec::new();
    for (node, facts) in basis.members() {
        found.extend(schema::found(basis, &node.name, facts, &[codes::SEQUENCE_ENDS]));
        for name in basis.databases() {
            let Some(database) = facts.database(name) else { continue };
            found.extend(steps(basis, node, name, database).map(|it| it.on(&node.name)));
        }
    }
    found
}

/// Sequences that do not leave room for the numbers of other nodes.
fn steps(basis: &Basis<'_>, node: &Node, name: &DatabaseName, database: &Database) -> Option<Finding> {
    let step = i64::from(basis.inventory.sequence_step);
    let number = i64::from(database.member(&node.name)?.number);
    let other = |it: &&Sequence| it.increment != step || (it.next - number).rem_euclid(step) != 0;
    let other: Vec<_> = database.sequences.iter().filter(other).collect();
    let first = other.first()?;
    let told: Vec<_> = other.iter().map(|it| format!("{}.{}", it.schema, it.name)).collect();
    let evidence = format!(
        "sequences of database {name} do not count by {step} with the remainder {number}: {}",
        names(&told, "and")
    );
    let given = greatest(basis, name, first);
    let from = given + 1 + (number - given - 1).rem_euclid(step);
    let next = Remedy::on_host(format!(
        "sudo -u postgres psql -d {name} -c 'ALTER SEQUENCE \"{}\".\"{}\" INCREMENT BY {step} RESTART WITH {from}'; where its column holds larger numbers than {from} (SELECT max(COLUMN) FROM TABLE): {from} and as many times {step} as lead beyond them; or let one node alone use it",
        first.schema, first.name
    ));
    Some(Finding::new(codes::SEQUENCE_STEP, evidence, next))
}

/// The furthest that a member's sequence of this name is: the numbers before it are taken on all nodes.
fn greatest(basis: &Basis<'_>, database: &DatabaseName, it: &Sequence) -> i64 {
    let members = basis.members().into_iter().filter_map(|(_, facts)| facts.database(database));
    let all = members.flat_map(|told| &told.sequences);
    let same = all.filter(|other| (&other.schema, &other.name) == (&it.schema, &it.name));
    same.map(|other| other.next).max().unwrap_or(it.next)
}
