//! Which of its numbers a sequence gives on which node.

use std::collections::{BTreeMap, BTreeSet};

use super::{Basis, codes};
use crate::kernel::judge::{Finding, Remedy};
use crate::kernel::model::NodeName;

/// The number of every node: of a member that which it has, of another one that of the inventory, or the first that is free.
///
/// Errors: a number that somebody else has, or none is left.
pub fn numbers(basis: &Basis<'_>) -> Result<BTreeMap<NodeName, u16>, Vec<Finding>> {
    let known = known(basis);
    let mut taken: BTreeMap<u16, &str> =
        known.iter().map(|(name, number)| (*number, name.as_str())).collect();
    let (mut given, mut refusals) = (BTreeMap::new(), Vec::new());
    let wanted: Vec<_> = basis.inventory.nodes.iter().filter_map(|node| Some((node, node.number?))).collect();
    for (node, number) in wanted {
        match (known.get(node.name.as_str()), taken.get(&number)) {
            (Some(has), _) if *has == number => {}
            (Some(has), _) => refusals.push(changed(&node.name, *has)),
            (None, Some(other)) => {
                let evidence = format!("{other} has the number {number} already");
                let next = Remedy::from("write another `number` for it in ").and(Remedy::Inventory);
                refusals.push(Finding::new(codes::NUMBER, evidence, next).on(&node.name));
            }
            (None, None) => drop(taken.insert(number, node.name.as_str())),
        }
        given.insert(node.name.clone(), number);
    }
    for node in &basis.inventory.nodes {
        if given.contains_key(&node.name) {
            continue;
        }
        let free = (1..=basis.inventory.sequence_step).find(|number| !taken.contains_key(number));
        match known.get(node.name.as_str()).copied().or(free) {
            Some(number) => {
                taken.insert(number, node.name.as_str());
                given.insert(node.name.clone(), number);
            }
            None => refusals.push(none_left(&node.name)),
        }
    }
    if refusals.is_empty() { Ok(given) } else { Err(refusals) }
}

/// What the members say; it is one table on all of them.
fn known(basis: &Basis<'_>) -> BTreeMap<String, u16> {
    let rows = basis.nodes().flat_map(|(_, facts)| {
        let databases: BTreeSet<_> = basis.databases().into_iter().collect();
        databases
            .into_iter()
            .filter_map(|name| facts.database(name))
            .flat_map(|it| it.members.iter().flatten())
    });
    let own = rows.filter(|member| member.mesh == basis.inventory.cluster.as_str());
    own.map(|member| (member.name.clone(), member.number)).collect()
}

fn changed(node: &NodeName, has: u16) -> Finding {
    let next = Remedy::from(format!("write `number: {has}` in ")).and(Remedy::Inventory);
    Finding::new(codes::NUMBER, format!("its sequences give every number with the remainder {has}"), next)
        .on(node)
}

fn none_left(node: &NodeName) -> Finding {
    let next = Remedy::from("remove a node first: ").and(Remedy::galactl("remove-node", &["NODE"]));
    Finding::new(codes::NUMBER, "all numbers up to `sequences.step` are taken", next).on(node)
}
