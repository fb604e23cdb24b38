//! Scanning a member's certificates.

use super::settings::{self, Paths};
use super::{LOADED, Tls};
use crate::galera::garbd;
use crate::galera::inventory::{Arbitrator, Inventory, Node};
use crate::galera::model::Service;
use crate::galera::tls::Clients;

/// The script.
pub const SCRIPT: &str = concat!(include_str!("socket.sh"), include_str!("look.sh"));

/// What it is called with on a data node's host. `ask`: look at what is served, too.
pub fn of_node(inventory: &Inventory, tls: &Tls, node: &Node, ask: bool) -> Vec<String> {
    let at = |port: u16| format!("{}:{port}", node.address.in_url());
    let unit = inventory.host.unit.as_str();
    let clients = tls.clients != Clients::Off;
    arguments(unit, settings::NODE, &at(node.port(Service::GroupCommunication)), clients, ask)
}

/// The same on an arbitrator's host, where no client comes.
pub fn of_arbitrator(arbitrator: &Arbitrator, ask: bool) -> Vec<String> {
    let port = Service::GroupCommunication.usual_port();
    let group = format!("{}:{port}", arbitrator.address.in_url());
    arguments(garbd::UNIT, settings::ARBITRATOR, &group, false, ask)
}

fn arguments(unit: &str, paths: Paths, group: &str, clients: bool, ask: bool) -> Vec<String> {
    let ask = if ask { "ask" } else { "" };
    let clients = if clients { "clients" } else { "" };
    let words = [unit, paths.ca, paths.pair, LOADED, group, clients, ask];
    words.map(str::to_owned).to_vec()
}
