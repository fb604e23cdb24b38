//! What can be said of hosts before it is known what is to be done with them.

use super::component::members;
use super::guard::Refusal;
use super::warnings::{self, Warning};
use super::{Basis, arbitrators, guards, ports, preparation};
use crate::config::RenderError;
use crate::facts::HostFacts;
use crate::inventory::Node;

pub use super::preparation::sst_privileges;

/// Every reason on the hosts for which any plan would be refused. Whether a cluster may be founded
/// or joined is asked when a plan is made.
pub fn refusals(basis: &Basis<'_>) -> Vec<Refusal> {
    let mut refusals = guards::reachable(basis);
    refusals.extend(guards::hosts(basis));
    refusals.extend(ports::refusals(basis));
    refusals.extend(arbitrators::obstacles(basis));
    let standing = !members(basis).is_empty();
    let receiving = basis.nodes().filter(|(_, facts)| !standing || !facts.is_primary());
    refusals.extend(receiving.filter_map(|node| guards::disk(node, data_bytes(basis))));
    refusals
}

/// What is unwise about the hosts.
pub fn warnings(basis: &Basis<'_>) -> Vec<Warning> {
    let mut warnings = warnings::all(basis);
    warnings.extend(warnings::disabled_units(basis));
    warnings
}

/// Every node without room for a state transfer, whether it needs one now or not.
pub fn no_room(basis: &Basis<'_>) -> Vec<Refusal> {
    basis.nodes().filter_map(|node| guards::disk(node, data_bytes(basis))).collect()
}

/// A node's option file is in force, and differs all the same from the one that galactl writes.
///
/// Errors: a template that does not render.
pub fn file_is_not_ours(basis: &Basis<'_>, node: &Node, facts: &HostFacts) -> Result<bool, RenderError> {
    let in_force = preparation::is_ours(basis, node, facts)?;
    Ok(in_force && preparation::config_step(basis, node, facts)?.is_some())
}

/// About how much a state transfer would bring: a member's data, or the seed's.
pub fn data_bytes(basis: &Basis<'_>) -> u64 {
    let seed = basis.observation.facts(&basis.inventory.seed);
    let source = members(basis).first().map(|member| member.facts).or(seed);
    source.map_or(0, |facts| facts.datadir.bytes)
}
