//! Logins and accounts with too many rights, or too few.

use crate::galera::inventory::Inventory;
use crate::galera::inventory::raw::RawInventory;
use crate::galera::model::Distribution;
use crate::kernel::inventory::note::Note;
use crate::kernel::inventory::unwise::without_root;
use crate::kernel::model::SecretRef;

pub fn check(inventory: &Inventory, raw: &RawInventory) -> Vec<Note> {
    let mut notes = Vec::new();
    let account = Distribution::of(inventory.flavour).needs_sst_account(inventory.sst.method);
    if account && inventory.sst.user.as_str() == "root" {
        let note =
            Note::error("sst-user-root", "sst.user", "galactl would set root's password and privileges");
        notes.push(note.hint("name an account of its own, such as `sst`"));
    }
    if !account && inventory.sst.password != SecretRef::Generated {
        let note = Note::info("unused-password", "sst.password", "this SST method needs no account");
        notes.push(note.at_key().hint("leave it out"));
    }
    notes.extend(without_root(&inventory.nodes, &raw.nodes));
    notes
}
