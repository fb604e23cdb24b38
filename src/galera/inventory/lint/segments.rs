//! Nodes in several segments are far apart; Galera's default timeouts suit a single local network.

use std::collections::BTreeSet;

use crate::galera::inventory::raw::RawInventory;
use crate::galera::inventory::{Inventory, Node};
use crate::kernel::inventory::note::Note;

pub fn check(inventory: &Inventory, _raw: &RawInventory) -> Vec<Note> {
    let segment = |node: &Node| node.provider_options.get("gmcast.segment").cloned();
    let segments: BTreeSet<_> = inventory.nodes.iter().filter_map(segment).collect();
    let tuned = inventory.nodes.iter().all(|node| node.provider_options.contains_key("evs.suspect_timeout"));
    if segments.len() < 2 || tuned {
        return Vec::new();
    }
    let first = inventory.nodes.first().and_then(segment);
    let other = inventory.nodes.iter().position(|node| segment(node) != first).unwrap_or(0);
    let message = format!(
        "{} segments, but group communication keeps its timeouts for a local network",
        segments.len()
    );
    vec![Note::info("wan-timeouts", format!("nodes[{other}].segment"), message).hint(
        "in provider_options, evs.keepalive_period: PT3S, evs.suspect_timeout: PT30S, evs.inactive_timeout: PT1M, evs.install_timeout: PT1M",
    )]
}
