//! Who may connect: galactl's lines of pg_hba.conf. They stand before all others, and the first line that fits counts.

use crate::kernel::model::Address;
use crate::mesh::inventory::{Inventory, Node};
use crate::mesh::model::ACCOUNT;
use crate::postgresql::Network;

/// The lines for a node that takes writes: the other nodes, and clients.
pub fn lines(inventory: &Inventory) -> Vec<String> {
    let mut lines = admitting_nodes(&inventory.nodes);
    lines.extend(inventory.clients.iter().map(|network| format!("host all all {network} scram-sha-256")));
    lines
}

/// The lines for the nodes alone, by which no client comes in.
pub fn admitting_nodes(nodes: &[Node]) -> Vec<String> {
    // A copy of the whole server comes through a connection for replication, all else through an ordinary one.
    let of = |node: &Node| {
        let address = of_host(&node.address);
        ["all", "replication"].map(|what| format!("host {what} {ACCOUNT} {address} scram-sha-256"))
    };
    let mut lines: Vec<_> = nodes.iter().flat_map(of).collect();
    // The account's password is worth nothing elsewhere, not even in the networks of clients.
    lines.push(format!("host all,replication {ACCOUNT} all reject"));
    lines
}

/// The lines for a node that comes or leaves: these nodes read from it, and the server's own account comes in over the socket; nobody
/// else does, whatever other lines say.
pub fn shutting_out(nodes: &[Node]) -> Vec<String> {
    let mut lines = vec!["local all postgres peer".to_owned()];
    lines.extend(admitting_nodes(nodes));
    lines.extend(["local all all reject".to_owned(), "host all all all reject".to_owned()]);
    lines
}

/// A host name stands there as it is: PostgreSQL looks it up. Between quotes, its own words for many addresses are names.
fn of_host(address: &Address) -> String {
    match address {
        Address::Ip(ip) => Network::of_host(*ip).to_string(),
        Address::Host(name) => format!("\"{name}\""),
    }
}
