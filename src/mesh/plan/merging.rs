//! Merge functions are tried before anything is planned that puts them in.

use super::NoPlan;
use super::no_plan::refuse;
use crate::mesh::facts::HostFacts;
use crate::mesh::inventory::Node;
use crate::mesh::judge::{Basis, merges};
use crate::mesh::model::Strategy;

/// Errors: a table has no function, a function does not converge, or nobody has tried them on this node yet.
pub fn tried(basis: &Basis<'_>, node: &Node, facts: &HostFacts) -> Result<(), NoPlan> {
    if basis.inventory.conflicts.strategy != Strategy::Custom {
        return Ok(());
    }
    refuse(merges::refusals(basis, &node.name, facts))?;
    match &basis.observation.trials {
        None => Err(NoPlan::TrialWanted(node.name.clone())),
        Some(trials) => refuse(merges::diverging(trials, &node.name)),
    }
}
