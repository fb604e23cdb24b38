//! The state of a whole cluster at one moment, and whether it is well. Pure: facts in, status out.

mod certificates;
mod findings;
mod prometheus;
mod proxies;
pub mod remedies;
mod server_state;
mod table;
pub mod watch;

use std::collections::BTreeMap;

use serde::Serialize;

use super::config::{RenderError, Renderer};
use super::facts::{HostFacts, Live, Rates};
use super::inventory::{Inventory, Node};
use super::judge::Basis;
use super::judge::wanted::is_ours;
use super::model::{Seqno, StateUuid};
use super::observation::Observation;
use crate::galera::inventory::Arbitrator;
use crate::galera::plan::roles::{self, ArbitratorState};
use crate::kernel::facts::Seen;
use crate::kernel::judge::{Finding, Invocation};
use crate::kernel::model::NodeName;

pub use crate::kernel::judge::Health;
pub use certificates::CertificateStatus;
pub use prometheus::prometheus;
pub use proxies::ProxyStatus;
pub use server_state::ServerState;
pub use table::{HEADINGS, rows};

/// The state of a whole cluster.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Status {
    pub cluster: String,
    pub health: Health,
    /// One sentence.
    pub verdict: String,
    /// Worst first.
    pub findings: Vec<Finding>,
    /// In start order.
    pub nodes: Vec<NodeStatus>,
    pub arbitrators: Vec<ArbitratorStatus>,
    pub proxies: Vec<ProxyStatus>,
    /// What lies on the members' disks; empty where the inventory has no section `tls`.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub certificates: Vec<CertificateStatus>,
    /// Members of the largest Primary view, and how many there should be.
    pub size: u64,
    pub expected_size: usize,
    pub state_uuid: Option<StateUuid>,
}

/// One data node.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct NodeStatus {
    pub node: NodeName,
    pub address: String,
    /// Why it was not seen.
    pub unseen: Option<String>,
    /// In a word: Synced, Donor/Desynced, Joined, NonPrimary, stopped, starting …
    pub state: ServerState,
    pub primary: bool,
    pub synced: bool,
    pub size: u64,
    pub view: u64,
    pub state_uuid: Option<StateUuid>,
    pub seqno: Option<u64>,
    pub rates: Option<Rates>,
    /// Seconds that it may be away for and still come back by IST, at the present rate of writes; absent
    /// where nothing is written.
    pub ist_window: Option<u64>,
    pub version: Option<String>,
    /// Its option file is the inventory's; absent where it could not be read.
    pub config_in_force: Option<bool>,
}

/// One arbitrator.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct ArbitratorStatus {
    pub node: NodeName,
    pub address: String,
    /// Why it was not seen.
    pub unseen: Option<String>,
    pub state: ArbitratorState,
    /// It is counted in the view; absent where that cannot be told.
    pub counted: Option<bool>,
}

/// Judges what was seen. `rates` are of the servers that answered.
///
/// Errors: a template that does not render.
pub fn status(
    inventory: &Inventory,
    observation: &Observation,
    renderer: &Renderer,
    rates: &BTreeMap<NodeName, Rates>,
) -> Result<Status, RenderError> {
    let basis = Basis { inventory, observation, renderer };
    let mut nodes = Vec::new();
    for node in inventory.start_order() {
        nodes.push(match observation.nodes.get(&node.name) {
            Some(Seen::Facts(facts)) => seen(&basis, node, facts, rates.get(&node.name))?,
            Some(Seen::Unreachable(why)) => unseen(node, &why.to_string()),
            None => unseen(node, "it was not scanned"),
        });
    }
    let size = nodes.iter().filter(|node| node.primary).map(|node| node.size).max().unwrap_or(0);
    let arbitrators = arbitrators(&basis, &nodes, size);
    let status = Status {
        cluster: inventory.cluster.to_string(),
        health: Health::Healthy,
        verdict: String::new(),
        findings: findings::findings(&basis, (&nodes, &arbitrators), size),
        arbitrators,
        proxies: proxies::proxies(&basis),
        certificates: certificates::certificates(&basis),
        size,
        expected_size: inventory.size(),
        state_uuid: nodes.iter().filter(|node| node.primary).find_map(|node| node.state_uuid.clone()),
        nodes,
    };
    Ok(status.judged())
}

/// True where no Primary component is known, and most of the nodes could not be asked.
fn is_unknown(nodes: &[NodeStatus]) -> bool {
    let unknown = nodes.iter().filter(|node| node.state.is_unknown()).count();
    unknown * 2 > nodes.len() && nodes.iter().all(|node| !node.primary)
}

impl Status {
    /// With remedies in the words of this invocation.
    pub fn settled(mut self, invocation: &Invocation) -> Self {
        self.findings = self.findings.into_iter().map(|finding| finding.settled(invocation)).collect();
        self
    }

    /// Health and verdict as the findings make them.
    fn judged(mut self) -> Self {
        self.findings.sort_by_key(|finding| std::cmp::Reverse(finding.severity));
        self.health = Health::of(&self.findings);
        let word = self.health.word();
        let synced = self.nodes.iter().filter(|node| node.synced).count();
        let (nodes, size, expected) = (self.nodes.len(), self.size, self.expected_size);
        self.verdict = match is_unknown(&self.nodes) {
            true => {
                let unknown = self.nodes.iter().filter(|node| node.state.is_unknown()).count();
                format!("{word}: {unknown} of {nodes} nodes could not be asked, size unknown")
            }
            false => format!("{word}: {synced} of {nodes} nodes Synced, size {size} of {expected}"),
        };
        self
    }
}

fn unseen(node: &Node, why: &str) -> NodeStatus {
    NodeStatus {
        node: node.name.clone(),
        address: node.address.to_string(),
        unseen: Some(why.to_owned()),
        state: ServerState::NotSeen,
        primary: false,
        synced: false,
        size: 0,
        view: 0,
        state_uuid: None,
        seqno: None,
        rates: None,
        ist_window: None,
        version: None,
        config_in_force: None,
    }
}

fn seen(
    basis: &Basis<'_>,
    node: &Node,
    facts: &HostFacts,
    rates: Option<&Rates>,
) -> Result<NodeStatus, RenderError> {
    let live = facts.live().filter(|live| live.wsrep_on);
    let seqno = live.and_then(|live| match live.last_committed {
        Seqno::At(seqno) => Some(seqno),
        Seqno::Unknown => None,
    });
    Ok(NodeStatus {
        unseen: None,
        state: ServerState::of(facts, live),
        primary: facts.is_primary(),
        synced: live.is_some_and(Live::is_synced),
        size: live.map_or(0, |live| live.cluster_size),
        view: live.map_or(0, |live| live.conf_id),
        state_uuid: live.and_then(|live| live.state_uuid.clone()),
        seqno,
        ist_window: live.zip(rates).and_then(|(live, rates)| ist_window(live, rates)),
        rates: rates.cloned(),
        version: facts.server.map(|version| version.to_string()),
        config_in_force: Some(is_ours(basis, node, facts)?),
        ..unseen(node, "")
    })
}

/// Seconds of writes that the node's own write-set cache holds, for other nodes that were away.
fn ist_window(live: &Live, rates: &Rates) -> Option<u64> {
    let (Seqno::At(last), Seqno::At(first)) = (live.last_committed, live.cached_downto) else { return None };
    #[allow(
        clippy::cast_precision_loss,
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "seconds, roughly"
    )]
    let seconds = ((last + 1).saturating_sub(first) as f64 / rates.write_sets) as u64;
    (rates.write_sets > 0.0).then_some(seconds)
}

/// Galera tells how many members there are, and the addresses of those that hold data. For an arbitrator
/// that was not seen, only the number shows whether it is counted.
fn arbitrators(basis: &Basis<'_>, nodes: &[NodeStatus], size: u64) -> Vec<ArbitratorStatus> {
    let inventory = basis.inventory;
    let members = nodes.iter().filter(|node| node.primary).count() as u64;
    let all = (members > 0).then(|| size >= members + inventory.arbitrators().len() as u64);
    let status = |arbitrator: &Arbitrator| {
        let (unseen, state, counted) = match basis.observation.arbitrators.get(&arbitrator.name) {
            Some(Seen::Facts(facts)) => (None, facts.state(), roles::counted_now(basis, facts)),
            Some(Seen::Unreachable(why)) => (Some(why.to_string()), ArbitratorState::NotSeen, all),
            None => (Some("it was not scanned".into()), ArbitratorState::NotSeen, all),
        };
        let (node, address) = (arbitrator.name.clone(), arbitrator.address.to_string());
        ArbitratorStatus { node, address, unseen, state, counted }
    };
    inventory.arbitrators().iter().map(status).collect()
}
