//! The two-sided probe of ports: a listener on every host, and a connection from every other.
//!
//! Two commands a host, whatever the number of nodes. Nothing stays on a host: a listener ends with
//! its input, and that is galactl's connection.

use std::sync::Arc;
use std::time::Duration;

use tokio::task::JoinSet;

use crate::facts::{
    Door, DoorState, HostFacts, Observation, PortMatrix, ServerAnswer, Target, Way, closed_doors,
    closed_ways, doors, ways,
};
use crate::inventory::{Inventory, Node};
use crate::model::Service;
use crate::transport::{Fleet, Held, Host, RemoteCommand};

/// $1 a program, the rest its arguments.
const PERL: &str = "exec 2>&1; export PATH=$PATH:/usr/sbin:/sbin; exec perl -e \"$@\"";
const LISTEN: &str = include_str!("listen.pl");
const CONNECT: &str = include_str!("connect.pl");
/// Connections to a thousand nodes take less.
const CONNECTING: Duration = Duration::from_secs(90);
/// A listener's last resort; it ends with its input.
const LISTENING: Duration = Duration::from_secs(150);

/// Tries every port of every node that was seen from every other one.
pub async fn probe(inventory: &Inventory, fleet: &Fleet, observation: &Observation) -> PortMatrix {
    // No secret: it tells this probe's listeners from whatever else may answer.
    let token = crate::secrets::generate();
    let mut tasks = JoinSet::new();
    for (node, host, facts) in seen(inventory, fleet, observation) {
        let (node, token, unsafe_now) = (node.clone(), token.clone(), needs_its_ports(facts));
        tasks.spawn(async move {
            match unsafe_now {
                Some(why) => (closed_doors(&node.name, &ports(&node), &why), None),
                None => listen(&host, &node, &token).await,
            }
        });
    }
    let mut matrix = PortMatrix::default();
    let mut listeners = Vec::new();
    for (doors, listener) in tasks.join_all().await {
        matrix.doors.extend(doors);
        listeners.extend(listener);
    }
    matrix.ways = connect_all(inventory, fleet, observation, (&matrix.doors, &token)).await;
    listeners.into_iter().map(Held::end).collect::<JoinSet<_>>().join_all().await;
    matrix.sorted()
}

fn seen<'a>(
    inventory: &'a Inventory,
    fleet: &'a Fleet,
    observation: &'a Observation,
) -> impl Iterator<Item = (&'a Node, Arc<Host>, &'a HostFacts)> {
    let see = |node: &'a Node| Some((node, fleet.host(&node.name)?, observation.facts(&node.name)?));
    inventory.nodes.iter().filter_map(see)
}

fn ports(node: &Node) -> Vec<(Service, u16)> {
    Service::ALL.map(|service| (service, node.port(service))).to_vec()
}

/// Why nothing else may listen on the node's ports, not even for a moment: a server that starts,
/// or that comes back to its cluster, aborts when it cannot listen for its state.
fn needs_its_ports(facts: &HostFacts) -> Option<String> {
    let active = facts.unit.active.as_str();
    match &facts.server_answer {
        _ if facts.unit.is_up() && active != "active" => Some(format!("its server is {active}")),
        ServerAnswer::Live(live) if live.wsrep_on && !live.is_synced() => {
            Some("its server is part of a cluster, and not Synced".into())
        }
        ServerAnswer::Refused(_) | ServerAnswer::NoSocket if facts.server_runs() => {
            Some("its server gives no answer".into())
        }
        _ => None,
    }
}

async fn listen(host: &Host, node: &Node, token: &str) -> (Vec<Door>, Option<Held>) {
    let ports = ports(node);
    let fixed = [LISTEN.to_owned(), token.to_owned(), node.address.to_string()];
    let arguments = fixed.into_iter().chain(ports.iter().map(|(_, port)| port.to_string()));
    let command = RemoteCommand::new(PERL, arguments).deadline(LISTENING);
    match host.hold(command, "ready").await {
        Ok(held) => (doors(&node.name, &ports, &held.said), Some(held)),
        Err(error) => (closed_doors(&node.name, &ports, &error.to_string()), None),
    }
}

/// All ways, to doors with something behind them.
async fn connect_all(
    inventory: &Inventory,
    fleet: &Fleet,
    observation: &Observation,
    (doors, token): (&[Door], &str),
) -> Vec<Way> {
    let mut tasks = JoinSet::new();
    for (from, host, _) in seen(inventory, fleet, observation) {
        let (mut targets, mut input) = (Vec::new(), String::new());
        for door in doors.iter().filter(|door| door.node != from.name) {
            let expected = match door.state {
                DoorState::Listening => token,
                DoorState::Server => "-",
                DoorState::InUse(_) | DoorState::NotTried(_) => continue,
            };
            let Some(to) = inventory.node(&door.node) else { continue };
            input += &format!("{} {} {} {expected}\n", targets.len(), to.address, door.port);
            targets.push(Target { to: to.name.clone(), service: door.service, port: door.port });
        }
        let command = RemoteCommand::new(PERL, [CONNECT]).input(input).deadline(CONNECTING);
        let from = from.name.clone();
        tasks.spawn(async move {
            match host.succeed(command).await {
                Ok(said) => ways(&from, &targets, &said),
                Err(error) => closed_ways(&from, &targets, &error.to_string()),
            }
        });
    }
    tasks.join_all().await.concat()
}
