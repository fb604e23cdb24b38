//! A commit that is acknowledged before it is on disk is lost when all nodes stop at once.

use crate::galera::inventory::Inventory;
use crate::galera::inventory::raw::RawInventory;
use crate::kernel::inventory::note::Note;

pub fn check(_inventory: &Inventory, raw: &RawInventory) -> Vec<Note> {
    crate::galera::inventory::lint::server_options(raw)
        .filter(|(_, name, value)| name == "innodb_flush_log_at_trx_commit" && *value != "1")
        .map(|(path, _, value)| {
            let message =
                format!("with {value}, commits of the last second are lost if all nodes go down at once");
            Note::warning("durability", path, message).hint("leave it at 1, or accept that loss knowingly")
        })
        .collect()
}
