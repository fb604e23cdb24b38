//! Addresses that peers cannot use, or that cost a look-up at the wrong moment.

use super::super::note::Note;
use super::super::{Inventory, raw::RawInventory};
use crate::model::Address;

pub fn check(inventory: &Inventory, _raw: &RawInventory) -> Vec<Note> {
    let alone = inventory.size() == 1;
    let check = |(index, node): (usize, &super::super::Node)| {
        let path = format!("nodes[{index}].address");
        match &node.address {
            Address::Ip(ip) if ip.is_loopback() && !alone => Some(
                Note::error("loopback-address", path, format!("no other node reaches {} at {ip}", node.name))
                    .hint("write the address of the interface that the nodes share"),
            ),
            Address::Host(name) => Some(
                Note::info("address-is-a-name", path, format!("`{name}` is looked up whenever a node connects"))
                    .hint("an IP address works also while the resolver does not"),
            ),
            Address::Ip(_) => None,
        }
    };
    inventory.nodes.iter().enumerate().filter_map(check).collect()
}
