//! Which of its numbers a sequence gives on which node.

use std::collections::BTreeMap;

use super::{Basis, codes};
use crate::kernel::judge::{Finding, Remedy};
use crate::kernel::model::NodeName;

/// The number of every node: of a member that which it has, of another one that of the inventory, or the first that is free.
///
/// Errors: a number that somebody else has, or none is left.
pub fn numbers(basis: &Basis<'_>) -> Result<BTreeMap<NodeName, u16>, Vec<Finding>> {
    let known: BTreeMap<_, _> =
        basis.told_members().into_iter().map(|(name, member)| (name, member.number)).collect();
    let mut taken: BTreeMap<u16, &str> = known.iter().map(|(name, number)| (*number, *name)).collect();
    let (mut given, mut refusals) = (BTreeMap::new(), Vec::new());
    refusals.extend(twice(basis));
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
    let step = basis.inventory.sequence_step;
    refusals.extend(known.iter().filter(|(_, has)| **has > step).map(|(name, has)| beyond(name, *has, step)));
    if refusals.is_empty() { Ok(given) } else { Err(refusals) }
}

fn changed(node: &NodeName, has: u16) -> Finding {
    let next = Remedy::from(format!("write `number: {has}` in ")).and(Remedy::Inventory);
    Finding::new(codes::NUMBER, format!("its sequences give every number with the remainder {has}"), next)
        .on(node)
}

/// A finding for each number that two members have.
pub fn twice(basis: &Basis<'_>) -> Vec<Finding> {
    let (mut owners, mut found) = (BTreeMap::new(), Vec::new());
    for (name, member) in basis.told_members() {
        if let Some(other) = owners.insert(member.number, name) {
            let evidence = format!("{other} and {name} both have the number {}", member.number);
            let next = Remedy::galactl("remove-node", &[name])
                .and(", then ")
                .and(Remedy::galactl("add-node", &[name]));
            found.push(Finding::new(codes::NUMBER, evidence, next));
        }
    }
    found
}

fn beyond(node: &str, has: u16, step: u16) -> Finding {
    let evidence = format!("{node} has the number {has}, and `sequences.step` is {step}");
    let next =
        Remedy::from("write the `sequences.step` with which the mesh was made in ").and(Remedy::Inventory);
    Finding::new(codes::NUMBER, evidence, next)
}

fn none_left(node: &NodeName) -> Finding {
    let next = Remedy::from("remove a node first: ").and(Remedy::galactl("remove-node", &["NODE"]));
    Finding::new(codes::NUMBER, "all numbers up to `sequences.step` are taken", next).on(node)
}
