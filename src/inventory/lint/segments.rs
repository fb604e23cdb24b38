//! Nodes in several segments are far apart; the default timeouts are for one room.

use std::collections::BTreeSet;

use super::super::note::Note;
use super::super::{Inventory, raw::RawInventory};

pub fn check(inventory: &Inventory, _raw: &RawInventory) -> Vec<Note> {
    let segments: BTreeSet<_> =
        inventory.nodes.iter().filter_map(|node| node.provider_options.get("gmcast.segment")).collect();
    let tuned = inventory.nodes.iter().all(|node| node.provider_options.contains_key("evs.suspect_timeout"));
    if segments.len() < 2 || tuned {
        return Vec::new();
    }
    let message = format!("{} segments, but group communication keeps its timeouts for a local network", segments.len());
    vec![Note::info("wan-timeouts", "provider_options", message).hint(
        "over a WAN: evs.keepalive_period: PT3S, evs.suspect_timeout: PT30S, evs.inactive_timeout: PT1M, evs.install_timeout: PT1M",
    )]
}
