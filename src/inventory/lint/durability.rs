//! A commit that is acknowledged before it is on disk is lost when all nodes stop at once.

use super::super::note::Note;
use super::super::{Inventory, raw::RawInventory};

pub fn check(_inventory: &Inventory, raw: &RawInventory) -> Vec<Note> {
    super::server_options(raw)
        .filter(|(_, name, value)| name == "innodb_flush_log_at_trx_commit" && *value != "1")
        .map(|(path, _, value)| {
            let message =
                format!("with {value}, commits of the last second are lost if all nodes go down at once");
            Note::warning("durability", path, message).hint("leave it at 1, or accept that loss knowingly")
        })
        .collect()
}
