//! Sequences that end soon, or that give numbers of another node.

use crate::kernel::judge::{Finding, Remedy, Severity};
use crate::kernel::model::words::names;
use crate::mesh::facts::{Database, Sequence};
use crate::mesh::inventory::Node;
use crate::mesh::judge::{Basis, codes};
use crate::mesh::model::DatabaseName;

/// Parts of a hundred that are used.
const MUCH: i128 = 80;
const NEARLY_ALL: i128 = 95;

pub fn findings(basis: &Basis<'_>) -> Vec<Finding> {
    let mut found = Vec::new();
    for (node, facts) in basis.members() {
        for name in basis.databases() {
            let Some(database) = facts.database(name) else { continue };
            found.extend(
                database.sequences.iter().filter_map(|it| ends(name, it)).map(|it| it.on(&node.name)),
            );
            found.extend(steps(basis, node, name, database).map(|it| it.on(&node.name)));
        }
    }
    found
}

fn ends(database: &DatabaseName, it: &Sequence) -> Option<Finding> {
    let (next, last) = (i128::from(it.next), i128::from(it.last));
    if last <= 0 || next < last * MUCH / 100 {
        return None;
    }
    let evidence = format!(
        "sequence {}.{} of database {database} is at {next}, and ends at {last}: inserts fail then",
        it.schema, it.name
    );
    let remedy = "give its column more room on all nodes: ALTER TABLE … ALTER COLUMN … TYPE bigint, then ALTER SEQUENCE … AS bigint";
    let severity = if next >= last * NEARLY_ALL / 100 { Severity::Critical } else { Severity::Degraded };
    Some(Finding::new(codes::SEQUENCE_ENDS, evidence, remedy).severity(severity))
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
