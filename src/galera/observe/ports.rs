//! The two-sided probe of ports: a listener on every host, and a connection from every other.
//!
//! Two commands a host, whatever the number of nodes. Nothing stays on a host: a listener ends with
//! its input, and that is galactl's connection.

use std::sync::Arc;
use std::time::Duration;

use tokio::task::JoinSet;

use crate::galera::facts::{
    HostFacts, NodePort, PortMatrix, PortState, ServerAnswer, Target, Way, node_ports, untried_ports,
    untried_ways, ways,
};
use crate::galera::inventory::{Inventory, Node};
use crate::galera::model::Service;
use crate::galera::observation::Observation;
use crate::kernel::model::NodeName;
use crate::kernel::transport::{Fleet, Held, Host, RemoteCommand};

const LISTEN: (&str, &str) = (include_str!("listen.sh"), include_str!("listen.pl"));
const CONNECT: (&str, &str) = (include_str!("connect.sh"), include_str!("connect.pl"));
/// All listeners are there by then.
const ALL_LISTEN_WITHIN: Duration = Duration::from_secs(25);

/// Tries every port of every node that was seen from every other one. `alone`: this run holds the
/// hosts' locks; otherwise hosts that another run is changing are left alone.
pub async fn probe(
    inventory: &Inventory,
    fleet: &Fleet,
    observation: &Observation,
    alone: bool,
) -> PortMatrix {
    // No secret: it tells this probe's listeners from whatever else may answer.
    let token = crate::kernel::secrets::generate();
    let mut matrix = PortMatrix::default();
    let mut tasks = JoinSet::new();
    for (node, host, facts) in seen(inventory, fleet, observation) {
        let ports = Service::ALL.map(|service| (service, node.port(service)));
        if let Some(why) = needs_its_ports(facts) {
            matrix.of_nodes.extend(untried_ports(&node.name, &ports, &why));
            continue;
        }
        let fixed = [if alone { "alone" } else { "" }, LISTEN.1, &token, &node.address.to_string()];
        let arguments = fixed.into_iter().map(str::to_owned).chain(ports.map(|(_, port)| port.to_string()));
        let command =
            RemoteCommand::new(LISTEN.0, arguments).deadline(ALL_LISTEN_WITHIN + patience(inventory));
        let name = node.name.clone();
        tasks.spawn(async move { listen(&name, &host, &ports, command).await });
    }
    let mut listeners = Vec::new();
    for (tried, listener) in tasks.join_all().await {
        matrix.of_nodes.extend(tried);
        listeners.extend(listener);
    }
    matrix.ways = connect_all(inventory, fleet, observation, (&matrix.of_nodes, &token)).await;
    listeners.into_iter().map(Held::end).collect::<JoinSet<_>>().join_all().await;
    matrix.sorted()
}

fn seen<'a>(
    inventory: &'a Inventory,
    fleet: &'a Fleet,
    observation: &'a Observation,
) -> impl Iterator<Item = (&'a Node, Arc<Host>, &'a HostFacts)> {
    let see = |node: &'a Node| Some((node, fleet.host_of(&node.name)?, observation.facts(&node.name)?));
    inventory.nodes.iter().filter_map(see)
}

/// How long the connectors may take: they try 256 ports at once, and each for 4 s at most.
fn patience(inventory: &Inventory) -> Duration {
    let rounds = inventory.nodes.len() * Service::ALL.len() / 256 + 1;
    Duration::from_secs(16 + 4 * rounds as u64)
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

async fn listen(
    node: &NodeName,
    host: &Host,
    ports: &[(Service, u16)],
    command: RemoteCommand,
) -> (Vec<NodePort>, Option<Held>) {
    match host.hold(command, "ready").await {
        Ok(held) => (node_ports(node, ports, &held.said), Some(held)),
        Err(error) => (untried_ports(node, ports, &error.to_string()), None),
    }
}

/// All ways, to ports at which something listens.
async fn connect_all(
    inventory: &Inventory,
    fleet: &Fleet,
    observation: &Observation,
    (tried, token): (&[NodePort], &str),
) -> Vec<Way> {
    let mut tasks = JoinSet::new();
    for (from, host, _) in seen(inventory, fleet, observation) {
        let (mut targets, mut input) = (Vec::new(), String::new());
        for port in tried.iter().filter(|port| port.node != from.name) {
            let expected = match port.state {
                PortState::Listening => token,
                // A server that is left without a login a hundred times blocks the host that did it
                // (max_connect_errors).
                PortState::Server if port.service == Service::Clients => continue,
                PortState::Server => "-",
                PortState::InUse(_) | PortState::NotTried(_) => continue,
            };
            let Some(to) = inventory.node(&port.node) else { continue };
            input += &format!("{} {} {} {expected}\n", targets.len(), to.address, port.port);
            targets.push(Target { to: to.name.clone(), service: port.service, port: port.port });
        }
        if targets.is_empty() {
            continue;
        }
        let command = RemoteCommand::new(CONNECT.0, [CONNECT.1]).input(input).deadline(patience(inventory));
        let from = from.name.clone();
        tasks.spawn(async move {
            match host.succeed(command).await {
                Ok(said) => ways(&from, &targets, &said),
                Err(error) => untried_ways(&from, &targets, &error.to_string()),
            }
        });
    }
    tasks.join_all().await.concat()
}
