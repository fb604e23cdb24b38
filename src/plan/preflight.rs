//! What can be said of hosts before it is known what is to be done with them.

use super::component::members;
use super::guard::Refusal;
use super::warnings::{self, Warning};
use super::{Basis, guards, ports};

/// Every reason on the hosts for which any plan would be refused. Whether a cluster may be founded
/// or joined is asked when a plan is made.
pub fn refusals(basis: &Basis<'_>) -> Vec<Refusal> {
    let mut refusals = guards::reachable(basis);
    refusals.extend(guards::hosts(basis));
    refusals.extend(ports::refusals(basis));
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

/// About how much a state transfer would bring: a member's data, or the seed's.
pub fn data_bytes(basis: &Basis<'_>) -> u64 {
    let seed = basis.observation.facts(&basis.inventory.seed);
    let source = members(basis).first().map(|member| member.facts).or(seed);
    source.map_or(0, |facts| facts.datadir.bytes)
}
