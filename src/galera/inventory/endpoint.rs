//! The endpoint held against the members of the inventory.

use super::{Node, Proxy};
use crate::galera::endpoint::Endpoint;
use crate::galera::endpoint::inventory::{PEER_PORT, bad_port};
use crate::galera::model::Service;
use crate::kernel::inventory::note::Note;
use crate::kernel::model::Address;

/// Ports of the group that every data node has.
const GROUP_PORTS: [u16; 3] = [4444, 4567, 4568];

/// The endpoint held against the members: ports that they have, and the address that proxies share. `members`: the
/// addresses of all.
pub fn check(endpoint: Endpoint, nodes: &[Node], proxies: &[Proxy], members: &[&Address]) -> Vec<Note> {
    let mut notes = Vec::new();
    let clients = nodes.iter().map(|node| node.port(Service::Clients));
    if clients.chain(GROUP_PORTS).any(|port| port == endpoint.health_port) {
        notes.push(bad_port(
            "health_port",
            &format!("the nodes need {} for themselves", endpoint.health_port),
        ));
    }
    for (field, port) in [("write_port", endpoint.write_port), ("read_port", endpoint.read_port)] {
        if port == PEER_PORT {
            notes.push(bad_port(field, &format!("the proxies need {port} for themselves")));
        }
    }
    let Some(shared) = endpoint.virtual_address else { return notes };
    let path = "endpoint.virtual_address";
    if members.iter().any(|address| matches!(address, Address::Ip(ip) if *ip == shared.address)) {
        let note =
            Note::error("duplicate-address", path, format!("{} is the address of a member", shared.address));
        notes.push(note.hint("name an address that no host has: the proxies bring it up themselves"));
    }
    let alike =
        |proxy: &&Proxy| matches!(proxy.address, Address::Ip(ip) if ip.is_ipv4() == shared.address.is_ipv4());
    if let Some(other) = proxies.iter().find(|proxy| !alike(proxy)) {
        let message = format!("{} has the address {}", other.name, other.address);
        let note = Note::error("virtual-address", path, message);
        notes.push(
            note.hint("give every proxy an IP address of the shared one's kind: keepalived knows no names"),
        );
    }
    notes
}
