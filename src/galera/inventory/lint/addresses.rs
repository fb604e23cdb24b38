//! Addresses that peers cannot use, or that cost a look-up at the wrong moment.

use crate::galera::inventory::raw::RawInventory;
use crate::galera::inventory::{Inventory, Listed};
use crate::kernel::inventory::note::Note;
use crate::kernel::inventory::places::join;
use crate::kernel::model::{Address, NodeName};

pub fn check(inventory: &Inventory, _raw: &RawInventory) -> Vec<Note> {
    let entries = inventory.entries();
    let alone = entries.len() == 1;
    let note = |it: &Listed<'_>| note(join(&it.path, "address"), it.entry.name(), it.entry.address(), alone);
    entries.iter().filter_map(note).collect()
}

fn note(path: String, name: &NodeName, address: &Address, alone: bool) -> Option<Note> {
    if is_loopback(address) && !alone {
        let message = format!("no other node reaches {name} at {address}");
        let note = Note::error("loopback-address", path, message);
        return Some(note.hint("write the address of the interface that the nodes share"));
    }
    let Address::Host(host) = address else { return None };
    let message = format!("`{host}` is looked up whenever a node connects");
    Some(
        Note::info("address-is-a-name", path, message)
            .hint("an IP address works also while the resolver does not"),
    )
}

fn is_loopback(address: &Address) -> bool {
    match address {
        Address::Ip(ip) => ip.is_loopback(),
        Address::Host(name) => name == "localhost" || name.ends_with(".localhost"),
    }
}
