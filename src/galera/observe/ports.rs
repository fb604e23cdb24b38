//! The ports of the nodes, tried from every other node.

use crate::galera::facts::{HostFacts, PortMatrix, ServerAnswer};
use crate::galera::inventory::{Inventory, Node};
use crate::galera::model::Service;
use crate::galera::observation::Observation;
use crate::kernel::transport::Fleet;
use crate::kernel::transport::ports::{Probe, Side};

/// The programs to which a node's ports belong.
const SERVER: &str = "mariadbd|mysqld";

/// Tries every port of every node that was seen from every other one. `alone`: this run holds the
/// hosts' locks; otherwise hosts that another run is changing are left alone.
pub async fn probe(
    inventory: &Inventory,
    fleet: &Fleet,
    observation: &Observation,
    alone: bool,
) -> PortMatrix {
    let side = |node: &Node| {
        Some(Side {
            node: node.name.clone(),
            host: fleet.host_of(&node.name)?,
            address: node.address.to_string(),
            ports: Service::ALL.map(|service| (service, node.port(service))).to_vec(),
            busy: needs_its_ports(observation.facts(&node.name)?),
        })
    };
    let sides: Vec<_> = inventory.nodes.iter().filter_map(side).collect();
    // A server that is left without a login a hundred times blocks the host that did it (max_connect_errors).
    Probe { alone, own: SERVER, spared: &[Service::Clients] }.of(&sides).await
}

/// Why nothing else may listen on the node's ports, not even for a moment: a server that starts,
/// or that comes back to its cluster, aborts when it cannot listen for its state.
fn needs_its_ports(facts: &HostFacts) -> Option<String> {
    match &facts.server_answer {
        _ if facts.unit.is_up() && !facts.unit.is_active() => {
            Some(format!("its server is {}", facts.unit.active))
        }
        ServerAnswer::Live(live) if live.wsrep_on && !live.is_synced() => {
            Some("its server is part of a cluster, and not Synced".into())
        }
        ServerAnswer::Refused(_) | ServerAnswer::NoSocket if facts.server_runs() => {
            Some("its server gives no answer".into())
        }
        _ => None,
    }
}
