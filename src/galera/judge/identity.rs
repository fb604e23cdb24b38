//! Whether the hosts run the inventory's cluster, and whether it lists all of its members.

use std::collections::BTreeMap;

use super::Basis;
use crate::galera::facts::{HostFacts, PeerAddress};
use crate::galera::inventory::{Inventory, Node};
use crate::galera::judge::codes;
use crate::kernel::judge::{Finding, Remedy};
use crate::kernel::model::{Address, NodeName};

/// Servers that run in a cluster of another name.
pub fn other_clusters(basis: &Basis<'_>) -> Vec<Finding> {
    let other =
        |(node, facts): (&Node, &HostFacts)| Some(other_cluster(basis.inventory, facts)?.on(&node.name));
    basis.nodes().filter_map(other).collect()
}

fn other_cluster(inventory: &Inventory, facts: &HostFacts) -> Option<Finding> {
    let live =
        facts.live().filter(|live| live.wsrep_on && live.cluster_name != inventory.cluster.as_str())?;
    let evidence = format!(
        "its server runs in the cluster `{}`, and the inventory describes `{}`",
        live.cluster_name, inventory.cluster
    );
    let next =
        Remedy::from("take that cluster's inventory, or correct `cluster.name` in ").and(Remedy::Inventory);
    Some(Finding::new(codes::OTHER_CLUSTER, evidence, next))
}

/// Members that hosts of this cluster know of, and that the inventory does not list: by their addresses. They are
/// nodes that were not seen. Of hosts that never were in a cluster, files alone say nothing.
pub fn unlisted(basis: &Basis<'_>) -> Vec<Finding> {
    let known = known_addresses(basis);
    let mut unlisted: BTreeMap<&str, Vec<&NodeName>> = BTreeMap::new();
    for (node, facts) in basis.nodes().filter(|(_, facts)| facts.datadir.grastate.known_uuid().is_some()) {
        for PeerAddress { written, .. } in facts.peers.iter().filter(|peer| !peer.is_one_of(&known)) {
            unlisted.entry(written).or_default().push(&node.name);
        }
    }
    unlisted.into_iter().map(|(address, nodes)| finding(address, &nodes)).collect()
}

fn finding(address: &str, nodes: &[&NodeName]) -> Finding {
    let nodes: Vec<_> = nodes.iter().map(ToString::to_string).collect();
    let evidence = format!(
        "{address} is a member of this cluster by wsrep_cluster_address of {}, and the inventory does not list it: it was not seen, and may hold the last commits",
        nodes.join(", ")
    );
    let next = Remedy::from("list it under `nodes` again in ")
        .and(Remedy::Inventory)
        .and(", and let it answer; to give it up with what it holds, list it and choose the node to go on from: ")
        .and(Remedy::galactl("recover", &["--seed", "NODE"]));
    Finding::new(codes::UNLISTED, evidence, next)
}

/// How the members can be written: their addresses in the inventory, and all those of their machines.
fn known_addresses(basis: &Basis<'_>) -> Vec<Address> {
    let listed = basis.inventory.entries().into_iter().map(|it| it.entry.address().clone());
    let names = basis.inventory.entries().into_iter().filter_map(|it| it.entry.name().as_str().parse().ok());
    let machines =
        basis.nodes().flat_map(|(_, facts)| facts.machine.addresses.iter().map(|ip| Address::Ip(*ip)));
    listed.chain(names).chain(machines).collect()
}
