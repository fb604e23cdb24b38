//! Flavours that galactl renders but has not run.

use crate::galera::inventory::Inventory;
use crate::galera::inventory::raw::RawInventory;
use crate::kernel::inventory::note::Note;

pub fn check(inventory: &Inventory, _raw: &RawInventory) -> Vec<Note> {
    if inventory.flavour.can_be_run() {
        return Vec::new();
    }
    let message = format!("{} is rendered, but not yet run by galactl", inventory.flavour.as_str());
    vec![
        Note::warning("flavour-not-run", "cluster.flavour", message)
            .hint("`galactl render` writes its files"),
    ]
}
