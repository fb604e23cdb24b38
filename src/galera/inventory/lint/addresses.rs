//! Addresses that peers cannot use, or that cost a look-up at the wrong moment.

use crate::galera::inventory::Inventory;
use crate::galera::inventory::raw::RawInventory;
use crate::kernel::inventory::note::Note;
use crate::kernel::model::{Address, NodeName};

pub fn check(inventory: &Inventory, _raw: &RawInventory) -> Vec<Note> {
    let nodes = inventory.nodes.iter().map(|node| (&node.name, &node.address)).enumerate();
    let voters = inventory.arbitrators.iter().map(|voter| (&voter.name, &voter.address)).enumerate();
    let nodes = nodes.map(|(index, member)| (format!("nodes[{index}].address"), member));
    let voters = voters.map(|(index, member)| (format!("arbitrators[{index}].address"), member));
    let alone = inventory.size() == 1;
    nodes.chain(voters).filter_map(|(path, (name, address))| note(path, name, address, alone)).collect()
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
