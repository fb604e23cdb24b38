//! Which node reaches which other one at which port, as the probe tells it.
//!
//! The listener on a host prints a line a port, the connectors a line a connection:
//!
//! ```text
//! 4567 listening                      0 open
//! 3306 server                         1 refused
//! 4444 used socat (pid 311)           2 filtered no answer within 3 s
//! 4568 failed Cannot assign …         3 stranger
//! ```
//!
//! What is not told, or not understood, was not tried.

use serde::{Deserialize, Serialize};

use crate::kernel::model::NodeName;

/// The whole probe. Empty: nobody has looked, and nothing follows from it. `S`: the services of an engine.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PortMatrix<S> {
    /// What each host says of its own ports.
    /// Evidence files and `check --output json` call them doors.
    #[serde(rename = "doors")]
    pub of_nodes: Vec<NodePort<S>>,
    /// What each host found at those ports of the others at which something listens. A running server is not tried
    /// at the port for its clients.
    pub ways: Vec<Way<S>>,
}

/// One port of one node.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct NodePort<S> {
    pub node: NodeName,
    pub service: S,
    pub port: u16,
    pub state: PortState,
}

/// Who is behind a port.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum PortState {
    /// The probe's own listener, for the time of the probe.
    Listening,
    /// A program of the node's own, to which the port belongs.
    Server,
    /// Another program, as `name (pid 311)`.
    InUse(String),
    /// Why nobody may or could listen there.
    NotTried(String),
}

/// A connection from one node to a port of another.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Way<S> {
    pub from: NodeName,
    pub to: NodeName,
    pub service: S,
    pub port: u16,
    pub reach: Reach,
}

/// What came of a connection to a port at which something listened.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Reach {
    /// It arrived at that very listener, or at the node's server.
    Open,
    /// Somebody on the way answered that nothing listens.
    Refused,
    /// It did not arrive; the text says how that was seen.
    Filtered(String),
    /// Something else answered than what listens on that node.
    Stranger,
    /// Why there was no connection.
    NotTried(String),
}

/// A connection to try: a port at which something listens.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Target<S> {
    pub to: NodeName,
    pub service: S,
    pub port: u16,
}

impl<S> Default for PortMatrix<S> {
    fn default() -> Self {
        Self { of_nodes: Vec::new(), ways: Vec::new() }
    }
}

impl<S: Copy + Ord> PortMatrix<S> {
    /// Puts rows into the order of node names and services.
    pub fn sorted(mut self) -> Self {
        self.of_nodes.sort_by_key(|port| (port.node.clone(), port.service));
        self.ways.sort_by_key(|way| (way.to.clone(), way.service, way.from.clone()));
        self
    }

    /// The node was looked at.
    pub fn knows(&self, node: &NodeName) -> bool {
        self.of_nodes.iter().any(|port| &port.node == node)
    }
}

/// The ports of a node from its listener's lines.
pub fn node_ports<S: Copy>(node: &NodeName, ports: &[(S, u16)], said: &[String]) -> Vec<NodePort<S>> {
    let state = |port: u16| {
        let words = said.iter().find_map(|line| line.strip_prefix(&format!("{port} ")));
        match words.map(|words| words.split_once(' ').unwrap_or((words, ""))) {
            Some(("listening", _)) => PortState::Listening,
            Some(("server", _)) => PortState::Server,
            Some(("used", by)) => PortState::InUse(or(by, "a program that it does not name")),
            Some(("failed", why)) => PortState::NotTried(or(why, "it does not say why")),
            _ => PortState::NotTried("the host did not tell".into()),
        }
    };
    let tried = |(service, port): &(S, u16)| NodePort {
        node: node.clone(),
        service: *service,
        port: *port,
        state: state(*port),
    };
    ports.iter().map(tried).collect()
}

/// Ports of a node at which nobody listens for the probe.
pub fn untried_ports<S: Copy>(node: &NodeName, ports: &[(S, u16)], why: &str) -> Vec<NodePort<S>> {
    let state = PortState::NotTried(why.to_owned());
    let untried = |(service, port): &(S, u16)| NodePort {
        node: node.clone(),
        service: *service,
        port: *port,
        state: state.clone(),
    };
    ports.iter().map(untried).collect()
}

/// The ways from a node, from its connectors' lines, which name a target by its place in the list.
pub fn ways<S: Copy>(from: &NodeName, targets: &[Target<S>], said: &str) -> Vec<Way<S>> {
    let reach = |index: usize| {
        let words = said.lines().find_map(|line| line.strip_prefix(&format!("{index} ")));
        match words.map(|words| words.split_once(' ').unwrap_or((words, ""))) {
            Some(("open", _)) => Reach::Open,
            Some(("refused", _)) => Reach::Refused,
            Some(("filtered", how)) => Reach::Filtered(or(how, "it does not say how")),
            Some(("stranger", _)) => Reach::Stranger,
            _ => Reach::NotTried("the host did not tell".into()),
        }
    };
    targets.iter().enumerate().map(|(index, target)| way(from, target, reach(index))).collect()
}

/// Ways from a node that could not try any.
pub fn untried_ways<S: Copy>(from: &NodeName, targets: &[Target<S>], why: &str) -> Vec<Way<S>> {
    targets.iter().map(|target| way(from, target, Reach::NotTried(why.to_owned()))).collect()
}

fn way<S: Copy>(from: &NodeName, target: &Target<S>, reach: Reach) -> Way<S> {
    Way { from: from.clone(), to: target.to.clone(), service: target.service, port: target.port, reach }
}

fn or(text: &str, otherwise: &str) -> String {
    if text.trim().is_empty() { otherwise.to_owned() } else { text.trim().to_owned() }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn name(text: &str) -> NodeName {
        text.parse().unwrap()
    }

    #[test]
    fn every_port_gets_a_state_whatever_the_listener_says() {
        let ports = [4567, 4568, 4444, 3306].map(|port| (port, port));
        let said = "Welcome to db1!|4567 listening|3306 server|4444 used socat (pid 311)|45680 listening|x";
        let said: Vec<_> = said.split('|').map(str::to_owned).collect();
        let states: Vec<_> =
            node_ports(&name("db1"), &ports, &said).into_iter().map(|port| port.state).collect();
        let expected = [
            PortState::Listening,
            PortState::NotTried("the host did not tell".into()),
            PortState::InUse("socat (pid 311)".into()),
            PortState::Server,
        ];
        assert_eq!(states, expected);
    }

    #[test]
    fn every_target_gets_a_reach_whatever_the_connectors_say() {
        let target = |port| Target { to: name("db2"), service: port, port };
        let targets: Vec<_> = (1..=6).map(target).collect();
        let said = "0 open\n1 refused\n2 filtered\n3 stranger \u{1b}[0m\n4\n44 open\n\u{0}\n-1 open";
        let reach: Vec<_> = ways(&name("db1"), &targets, said).into_iter().map(|way| way.reach).collect();
        let silent = Reach::NotTried("the host did not tell".into());
        let expected = [
            Reach::Open,
            Reach::Refused,
            Reach::Filtered("it does not say how".into()),
            Reach::Stranger,
            silent.clone(),
            silent,
        ];
        assert_eq!(reach, expected);
    }
}
