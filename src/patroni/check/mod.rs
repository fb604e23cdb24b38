//! The preflight: what is seen of hosts → pass, warn or fail, check by check.
//!
//! Every rule stands in [`crate::patroni::judge`], where it refuses or warns; here it only gets its place in a table.

mod checks;

use super::judge::birth::standing;
use super::judge::{Basis, clock, hosts, ports, reach, room, store};
use super::model::Service;
use super::proxy;
use crate::kernel::facts::PortMatrix;
use crate::kernel::judge::Finding;
use crate::kernel::judge::preflight::{self, Check, Found};
use crate::kernel::model::NodeName;

pub use checks::CHECKS;

/// The whole result of a preflight.
pub type Report = preflight::Report<PortMatrix<Service>>;

/// Judges the hosts of an inventory, before a bootstrap or between two.
pub fn check(basis: &Basis<'_>) -> Report {
    let nodes = basis.inventory.nodes.iter();
    let nodes = nodes.map(|node| (&node.name, basis.observation.facts(&node.name).is_some()));
    let hosts = basis.inventory.etcd_hosts.iter();
    let hosts = hosts.map(|member| (&member.name, basis.observation.etcd_host(&member.name).is_some()));
    let proxies = basis.inventory.proxies.iter();
    let proxies = proxies.map(|proxy| (&proxy.name, basis.observation.proxy(&proxy.name).is_some()));
    let nodes: Vec<_> = nodes.chain(hosts).chain(proxies).collect();
    let warnings: Vec<_> = clock::skew(basis).into_iter().chain(ports::warnings(basis)).collect();
    let found = Found {
        refusals: &refusals(basis),
        warnings: &warnings,
        nodes: &nodes,
        was_looked_at: &|check, node| was_looked_at(basis, check, node),
    };
    Report::new(&basis.inventory.cluster, &CHECKS, &found, basis.observation.ports.clone())
}

/// Whether the cluster stands cannot be told before all hosts were seen.
fn refusals(basis: &Basis<'_>) -> Vec<Finding> {
    let mut refusals = reach::unseen(basis);
    let all_seen = refusals.is_empty();
    refusals.extend(hosts::refusals(basis));
    refusals.extend(room::refusals(basis));
    refusals.extend(ports::refusals(basis));
    refusals.extend(store::wiped(basis));
    refusals.extend(proxy::judge::all_obstacles(basis));
    let stands = if all_seen { standing(basis).err().unwrap_or_default() } else { Vec::new() };
    let is_new = |finding: &Finding| !refusals.contains(finding);
    let stands: Vec<_> = stands.into_iter().filter(is_new).collect();
    refusals.extend(stands);
    refusals
}

/// Ports are probed apart from everything else; without a probe nothing passes. A host that was not seen may have data
/// and a store, and where releases differ, the rules about hosts stop at that.
fn was_looked_at(basis: &Basis<'_>, check: &Check, node: &NodeName) -> bool {
    let is_proxy = basis.inventory.proxies.iter().any(|proxy| proxy.name == *node);
    let one_release = || hosts::releases(basis).is_empty();
    match check.id {
        "login" => true,
        "ports" => basis.observation.ports.knows(node),
        "identity" | "packages" => is_proxy || one_release(),
        "data" | "etcd" => !is_proxy && one_release() && reach::unseen(basis).is_empty(),
        "files" => is_proxy,
        _ => !is_proxy,
    }
}
