//! Too much power, or too little.

use super::super::note::Note;
use super::super::{Inventory, raw::RawInventory};
use crate::model::{Distribution, SecretRef};

pub fn check(inventory: &Inventory, _raw: &RawInventory) -> Vec<Note> {
    let mut notes = Vec::new();
    let account = Distribution::of(inventory.flavour).needs_sst_account(inventory.sst.method);
    if account && inventory.sst.user.as_str() == "root" {
        let note = Note::error("sst-user-root", "sst.user", "galactl would set root's password and privileges");
        notes.push(note.hint("name an account of its own, such as `sst`"));
    }
    if !account && inventory.sst.password != SecretRef::Generated {
        let note = Note::info("unused-password", "sst.password", "this SST method needs no account");
        notes.push(note.hint("leave it out"));
    }
    for (index, node) in inventory.nodes.iter().enumerate() {
        if node.ssh.user != "root" && !node.ssh.sudo {
            let message = format!("`{}` cannot administer {} without sudo", node.ssh.user, node.name);
            notes.push(Note::error("no-root", format!("nodes[{index}].ssh"), message).hint("remove `sudo: false`"));
        }
    }
    notes
}
