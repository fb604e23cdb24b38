//! The nodes of a wave start together because each is expected to get a donor of its own.

use crate::galera::inventory::raw::RawInventory;
use crate::galera::inventory::{Inventory, JoinOrder};
use crate::kernel::inventory::note::Note;

pub fn check(inventory: &Inventory, raw: &RawInventory) -> Vec<Note> {
    if inventory.join == JoinOrder::Serial {
        return Vec::new();
    }
    let named =
        crate::galera::inventory::lint::server_options(raw).filter(|(_, name, _)| name == "wsrep_sst_donor");
    let note = |(path, ..): (String, String, &str)| {
        let message = "the nodes of one wave ask for these donors first, and may have to wait for each other";
        Note::warning("wave-donors", path, message).hint("leave it out, or join one after the other")
    };
    named.map(note).collect()
}
