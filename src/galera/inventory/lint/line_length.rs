//! What galactl puts together from several parts must still fit into one line of an option file.

use crate::galera::inventory::raw::RawInventory;
use crate::galera::inventory::{Inventory, Node};
use crate::kernel::inventory::note::Note;

/// Galera's documentation limits `wsrep_provider_options` to 2048 characters; galactl's own
/// defaults need some of them.
const LONGEST_PROVIDER_OPTIONS: usize = 2000;

pub fn check(inventory: &Inventory, raw: &RawInventory) -> Vec<Note> {
    let mut notes = Vec::new();
    let listed = inventory.cluster_address().split(',').count();
    if listed < inventory.nodes.len() {
        let message =
            format!("only the first {listed} addresses fit into wsrep_cluster_address, which is one line");
        notes.push(
            Note::info("address-list-cut", "nodes", message)
                .at_key()
                .hint("a node that starts needs to reach one of them"),
        );
    }
    if let Some((index, _)) = inventory.nodes.iter().enumerate().find(|(_, node)| !fits(node)) {
        let own = raw.nodes[index].provider_options.is_some();
        let path = if own { format!("nodes[{index}].provider_options") } else { "provider_options".into() };
        let message =
            format!("all of a node's together are longer than {LONGEST_PROVIDER_OPTIONS} characters");
        notes.push(Note::error("too-long", path, message).at_key().hint("leave out what equals the default"));
    }
    notes
}

fn fits(node: &Node) -> bool {
    let lengths = node.provider_options.iter().map(|(name, value)| name.len() + value.len() + "=; ".len());
    let quotes: usize = node.provider_options.values().map(|value| value.matches('"').count()).sum();
    lengths.sum::<usize>() + quotes <= LONGEST_PROVIDER_OPTIONS
}
