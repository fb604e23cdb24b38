//! Flavours that galactl renders but has not run.

use super::super::note::Note;
use super::super::{Inventory, raw::RawInventory};

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
