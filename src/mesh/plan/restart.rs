//! Servers restart one after the other.

use super::begin::begin;
use super::no_plan::refuse;
use super::whole::members_that_run;
use super::{Command, NoPlan, Plan, rolling};
use crate::kernel::model::NodeName;
use crate::kernel::model::words::names;
use crate::mesh::judge::{Basis, links};

/// Plans the restart of these nodes; of all members, where none is named.
///
/// Errors: a node is not seen, or does not run; a direction does not work, and more than one node is to restart.
pub fn restart(basis: &Basis<'_>, nodes: &[NodeName]) -> Result<Plan, NoPlan> {
    let (version, members) = members_that_run(basis)?;
    let wanted: Vec<_> = members
        .iter()
        .map(|(node, _)| *node)
        .filter(|node| nodes.is_empty() || nodes.contains(&node.name))
        .collect();
    if wanted.len() > 1 {
        refuse(links::findings(basis))?;
    }
    let mut plan = begin(basis, Command::Restart { nodes: nodes.to_vec() });
    let named: Vec<_> = wanted.iter().map(|node| node.name.as_str()).collect();
    plan.consequences =
        vec![format!("the sessions of clients on {} end, one node at a time", names(&named, "and"))];
    rolling::restart(basis, &mut plan, version, &wanted, "it is to restart");
    Ok(plan)
}
