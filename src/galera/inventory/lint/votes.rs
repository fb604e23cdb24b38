//! Quorum: more than half of the votes must see each other.

use crate::galera::inventory::Inventory;
use crate::galera::inventory::raw::RawInventory;
use crate::kernel::inventory::note::Note;

pub fn check(inventory: &Inventory, _raw: &RawInventory) -> Vec<Note> {
    let votes = inventory.size();
    if votes == 1 {
        let message = "one node is no high availability";
        return vec![
            Note::info("single-node", "nodes", message).at_key().hint("three nodes survive the loss of one"),
        ];
    }
    let note = even(inventory)
        .map(|(message, hint)| Note::warning("even-votes", "nodes", message).at_key().hint(hint));
    note.into_iter().collect()
}

/// What is wrong with an even number of votes, and what fixes it.
pub fn even(inventory: &Inventory) -> Option<(String, &'static str)> {
    let votes = inventory.size();
    votes.is_multiple_of(2).then(|| {
        (
            format!("{votes} votes: a split in the middle stops both halves"),
            "add a node, or an arbitrator (garbd) on a third host, under `arbitrators`",
        )
    })
}
