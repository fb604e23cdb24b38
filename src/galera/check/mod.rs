//! The preflight: what is seen of hosts → pass, warn or fail, check by check.
//!
//! Every rule stands in [`crate::galera::judge`], where it refuses or warns; here it only gets its place in
//! a table.

mod checks;
pub mod preflight;

use super::facts::PortMatrix;
use super::judge::Basis;
use crate::galera::judge::codes;
use crate::kernel::judge::preflight::{Check, Found};
use crate::kernel::model::NodeName;

pub use checks::CHECKS;

/// The whole result of a preflight.
pub type Report = crate::kernel::judge::preflight::Report<PortMatrix>;

/// Judges the hosts of an inventory. Nodes that were not seen fail the first check and no other.
pub fn check(basis: &Basis<'_>) -> Report {
    let nodes = basis.inventory.start_order();
    let nodes: Vec<_> =
        nodes.map(|node| (&node.name, basis.observation.facts(&node.name).is_some())).collect();
    let mut warnings = preflight::warnings(basis);
    warnings.extend(preflight::certificates(basis));
    let found = Found {
        refusals: &preflight::refusals(basis),
        warnings: &warnings,
        nodes: &nodes,
        was_looked_at: &|check, node| was_looked_at(basis, check, node),
    };
    Report::new(&basis.inventory.cluster, &CHECKS, &found, basis.observation.ports.clone())
}

/// Ports are probed apart from everything else; without a probe nothing passes. Not every cluster has certificates.
fn was_looked_at(basis: &Basis<'_>, check: &Check, node: &NodeName) -> bool {
    let is_about = |code| check.fails.contains(&code);
    (!is_about(codes::PORTS) || basis.observation.ports.knows(node))
        && (!is_about(codes::CERTIFICATE) || basis.observation.certificates_of(node).is_some())
}
