//! Addresses that peers cannot use, or that cost a look-up at the wrong moment.

use crate::galera::inventory::Inventory;
use crate::galera::inventory::raw::RawInventory;
use crate::kernel::inventory::note::Note;
use crate::kernel::inventory::unwise;

pub fn check(inventory: &Inventory, _raw: &RawInventory) -> Vec<Note> {
    unwise::addresses(&inventory.entries())
}
