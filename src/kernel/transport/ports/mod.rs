//! The two-sided probe of ports: a listener on every host, and a connection from every other.
//!
//! Two commands a host, whatever the number of nodes. Nothing stays on a host: a listener ends with
//! its input, and that is galactl's connection.

use std::sync::Arc;
use std::time::Duration;

use tokio::task::JoinSet;

use super::{Held, Host, RemoteCommand};
use crate::kernel::facts::{
    NodePort, PortMatrix, PortState, Target, Way, node_ports, untried_ports, untried_ways, ways,
};
use crate::kernel::model::NodeName;

const LISTEN: (&str, &str) = (include_str!("listen.sh"), include_str!("listen.pl"));
const CONNECT: (&str, &str) = (include_str!("connect.sh"), include_str!("connect.pl"));
/// All listeners are there by then.
const ALL_LISTEN_WITHIN: Duration = Duration::from_secs(25);

/// One node, and where it listens.
pub struct Side<S> {
    pub node: NodeName,
    pub host: Arc<Host>,
    /// An address or a name.
    pub address: String,
    pub ports: Vec<(S, u16)>,
    /// Why nothing else may listen on its ports, not even for a moment.
    pub busy: Option<String>,
}

/// How ports are tried. `alone`: this run holds the hosts' locks; otherwise hosts that another run is changing are left
/// alone. `own`: the programs to which the ports belong, as `one|other`. `spared`: services at which a running program
/// is not tried.
pub struct Probe<'a, S> {
    pub alone: bool,
    pub own: &'static str,
    pub spared: &'a [S],
}

impl<S: Copy + Ord + Send + Sync + 'static> Probe<'_, S> {
    /// Tries every port of every node from every other one.
    pub async fn of(&self, sides: &[Side<S>]) -> PortMatrix<S> {
        // No secret: it tells this probe's listeners from whatever else may answer.
        let token = crate::kernel::secrets::generate();
        let mut matrix = PortMatrix::default();
        let mut tasks = JoinSet::new();
        for side in sides {
            if let Some(why) = &side.busy {
                matrix.of_nodes.extend(untried_ports(&side.node, &side.ports, why));
                continue;
            }
            let fixed = [if self.alone { "alone" } else { "" }, LISTEN.1, self.own, &token, &side.address];
            let ports = side.ports.iter().map(|(_, port)| port.to_string());
            let arguments = fixed.into_iter().map(str::to_owned).chain(ports);
            let command =
                RemoteCommand::new(LISTEN.0, arguments).deadline(ALL_LISTEN_WITHIN + patience(sides));
            let (node, host, ports) = (side.node.clone(), Arc::clone(&side.host), side.ports.clone());
            tasks.spawn(async move { listen(&node, &host, &ports, command).await });
        }
        let mut listeners = Vec::new();
        for (tried, listener) in tasks.join_all().await {
            matrix.of_nodes.extend(tried);
            listeners.extend(listener);
        }
        matrix.ways = self.connect_all(sides, &matrix.of_nodes, &token).await;
        listeners.into_iter().map(Held::end).collect::<JoinSet<_>>().join_all().await;
        matrix.sorted()
    }

    /// All ways, to ports at which something listens.
    async fn connect_all(&self, sides: &[Side<S>], tried: &[NodePort<S>], token: &str) -> Vec<Way<S>> {
        let mut tasks = JoinSet::new();
        for side in sides {
            let (mut targets, mut input) = (Vec::new(), String::new());
            for port in tried.iter().filter(|port| port.node != side.node) {
                let expected = match port.state {
                    PortState::Listening => token,
                    PortState::Server if self.spared.contains(&port.service) => continue,
                    PortState::Server => "-",
                    PortState::InUse(_) | PortState::NotTried(_) => continue,
                };
                let Some(to) = sides.iter().find(|to| to.node == port.node) else { continue };
                input += &format!("{} {} {} {expected}\n", targets.len(), to.address, port.port);
                targets.push(Target { to: to.node.clone(), service: port.service, port: port.port });
            }
            if targets.is_empty() {
                continue;
            }
            let command = RemoteCommand::new(CONNECT.0, [CONNECT.1]).input(input).deadline(patience(sides));
            let (from, host) = (side.node.clone(), Arc::clone(&side.host));
            tasks.spawn(async move {
                match host.succeed(command).await {
                    Ok(said) => ways(&from, &targets, &said),
                    Err(error) => untried_ways(&from, &targets, &error.to_string()),
                }
            });
        }
        tasks.join_all().await.concat()
    }
}

/// How long the connectors may take: they try 256 ports at once, and each for 4 s at most.
fn patience<S>(sides: &[Side<S>]) -> Duration {
    let ports: usize = sides.iter().map(|side| side.ports.len()).sum();
    Duration::from_secs(16 + 4 * (ports / 256 + 1) as u64)
}

async fn listen<S: Copy>(
    node: &NodeName,
    host: &Host,
    ports: &[(S, u16)],
    command: RemoteCommand,
) -> (Vec<NodePort<S>>, Option<Held>) {
    match host.hold(command, "ready").await {
        Ok(held) => (node_ports(node, ports, &held.said), Some(held)),
        Err(error) => (untried_ports(node, ports, &error.to_string()), None),
    }
}
