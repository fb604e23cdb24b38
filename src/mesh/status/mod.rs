//! The state of a whole mesh at one moment, and whether it is well. Pure: facts in, status out.

mod findings;
mod table;
pub mod watch;

use serde::Serialize;

use super::inventory::Inventory;
use super::judge::Basis;
use super::judge::directions::{Direction, directions};
use super::model::Method;
use super::observation::Observation;
use crate::kernel::judge::{Finding, Health, Invocation};
use crate::kernel::model::NodeName;

pub use table::{HEADINGS, LINK_HEADINGS, link_rows, rows};

/// The state of a whole mesh.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Status {
    pub cluster: String,
    pub method: Method,
    pub health: Health,
    /// One sentence.
    pub verdict: String,
    /// Worst first.
    pub findings: Vec<Finding>,
    /// In the order of the inventory.
    pub nodes: Vec<NodeStatus>,
    /// Who reads from whom.
    pub links: Vec<LinkStatus>,
}

/// A node.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct NodeStatus {
    pub node: NodeName,
    pub address: String,
    /// member, no member, not seen, no answer, no server.
    pub state: &'static str,
    pub version: Option<String>,
    /// Which of its numbers a sequence gives here.
    pub number: Option<u16>,
    pub region: Option<String>,
    /// Seconds by which its clock is ahead of the one that is most behind.
    pub clock_ahead: Option<f64>,
}

/// One direction between two nodes, in one database.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct LinkStatus {
    pub database: String,
    pub from: NodeName,
    pub to: NodeName,
    /// replicating, initializing, down, disabled, missing.
    pub state: String,
    /// Bytes of WAL that the reader has not confirmed.
    pub behind: Option<u64>,
    /// The age in seconds of the oldest commit that the reader lacks.
    pub lag: Option<f64>,
    /// Bytes of WAL that the slot keeps.
    pub kept: Option<i64>,
}

/// Judges what was seen.
pub fn status(inventory: &Inventory, observation: &Observation) -> Status {
    let basis = Basis { inventory, observation };
    let findings = findings::findings(&basis);
    let health = Health::of(&findings);
    let nodes: Vec<_> = inventory.nodes.iter().map(|node| self::node(&basis, &node.name)).collect();
    let links: Vec<_> = directions(&basis).iter().map(link).collect();
    let verdict = sentence(health, &nodes, &links);
    Status {
        cluster: inventory.cluster.to_string(),
        method: inventory.method,
        health,
        verdict,
        findings,
        nodes,
        links,
    }
}

fn node(basis: &Basis<'_>, name: &NodeName) -> NodeStatus {
    let node = basis.inventory.node(name).expect("a node of the inventory");
    let facts = basis.observation.facts(name);
    let state = match facts {
        None => "not seen",
        Some(facts) if facts.live().is_none() && facts.server_runs() => "no answer",
        Some(facts) if facts.live().is_none() => "no server",
        Some(facts) if basis.is_member(node, facts) => "member",
        Some(_) => "no member",
    };
    let clocks = basis.nodes().map(|(_, facts)| facts.machine.clock).filter(|clock| *clock > 0.0);
    let earliest = clocks.fold(f64::INFINITY, f64::min);
    let first = basis.databases().first().copied();
    let member = facts.zip(first).and_then(|(facts, name)| facts.database(name)?.member(&node.name));
    NodeStatus {
        node: name.clone(),
        address: node.address.to_string(),
        state,
        version: facts.and_then(|facts| Some(facts.live()?.version.clone())),
        number: member.map(|member| member.number),
        region: node.region.clone(),
        clock_ahead: facts
            .map(|facts| facts.machine.clock)
            .filter(|clock| *clock > 0.0)
            .map(|clock| clock - earliest),
    }
}

fn link(direction: &Direction<'_>) -> LinkStatus {
    let state = direction.state().map(|it| format!("{it:?}").to_lowercase());
    LinkStatus {
        database: direction.database.to_string(),
        from: direction.provider.name.clone(),
        to: direction.reader.name.clone(),
        state: state.unwrap_or_else(|| "missing".into()),
        behind: direction.behind,
        lag: direction.lag,
        kept: direction.slot.and_then(|slot| slot.kept),
    }
}

fn sentence(health: Health, nodes: &[NodeStatus], links: &[LinkStatus]) -> String {
    let members = nodes.iter().filter(|node| node.state == "member").count();
    let works = links.iter().filter(|link| link.state == "replicating").count();
    format!(
        "{}: {members} of {} nodes are members, {works} of {} directions replicate",
        health.word(),
        nodes.len(),
        links.len()
    )
}

impl Status {
    /// With remedies in the words of this invocation.
    pub fn settled(mut self, invocation: &Invocation) -> Self {
        self.findings = self.findings.into_iter().map(|finding| finding.settled(invocation)).collect();
        self
    }
}
