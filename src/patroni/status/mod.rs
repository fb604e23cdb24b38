//! The state of a whole cluster at one moment, and whether it is well. Pure: facts in, status out.

mod findings;
mod node;
mod proxies;
mod store;
mod table;
pub mod watch;

use std::collections::BTreeSet;

use serde::Serialize;

use super::facts::{HostFacts, Live, SystemId};
use super::inventory::Inventory;
use super::judge::{Basis, leader, whole};
use super::observation::{Born, Observation};
use crate::kernel::judge::{Finding, Health, Invocation};
use crate::kernel::model::NodeName;
use crate::kernel::model::words::names;
use crate::patroni::facts::Initialize;

pub use node::{NodeRole, NodeStatus};
pub use proxies::{ProxyStatus, SharedStatus};
pub use store::{MemberState, MemberStatus};
pub use table::{HEADINGS, PROXY_HEADINGS, STORE_HEADINGS, proxy_rows, rows, store_rows};

/// The state of a whole cluster.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Status {
    pub cluster: String,
    pub health: Health,
    /// One sentence.
    pub verdict: String,
    /// Worst first.
    pub findings: Vec<Finding>,
    /// The primary; of several, that which etcd names.
    pub primary: Option<NodeName>,
    /// `ADDRESS:PORT` of the server that takes writes.
    pub writes_at: Option<String>,
    /// As etcd has it, or else the primary.
    pub system_id: Option<SystemId>,
    /// Patroni keeps its hands off the cluster.
    pub paused: bool,
    /// Standbys for which a commit waits, and how many the inventory wants.
    pub synchronous: usize,
    pub wanted_synchronous: usize,
    /// The primary's `synchronous_standby_names` is not empty: a commit waits, also where no such standby is there.
    #[serde(skip)]
    pub commits_wait: bool,
    /// Standbys that stream from the primary.
    pub following: usize,
    /// In the order of the inventory.
    pub nodes: Vec<NodeStatus>,
    /// Members of etcd, or the endpoints of one that is somebody else's.
    pub etcd: Vec<MemberStatus>,
    /// The ports of the proxies: for writes, and for reads.
    pub ports: Option<[u16; 2]>,
    /// The address that the proxies share.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub shared_address: Option<SharedStatus>,
    /// What applications connect to.
    pub proxies: Vec<ProxyStatus>,
}

/// Judges what was seen.
pub fn status(inventory: &Inventory, observation: &Observation) -> Status {
    let basis = Basis { inventory, observation };
    let primary = leader::primary(&basis);
    let live = primary.and_then(|name| observation.facts(name)).and_then(HostFacts::live);
    let findings = findings::findings(&basis, primary.zip(live));
    let health = Health::of(&findings);
    let nodes: Vec<_> = inventory.nodes.iter().map(|node| node::of(&basis, live, node)).collect();
    let is_sync = |node: &&NodeStatus| node.role == NodeRole::SyncStandby;
    let mut status = Status {
        cluster: inventory.cluster.to_string(),
        health,
        verdict: String::new(),
        findings,
        primary: primary.cloned(),
        writes_at: primary
            .and_then(|name| inventory.node(name))
            .map(|node| format!("{}:{}", node.address.in_url(), inventory.postgresql.port)),
        system_id: system_id(observation, live),
        paused: whole::paused(&basis).is_some(),
        synchronous: nodes.iter().filter(is_sync).count(),
        wanted_synchronous: whole::wanted_synchronous(&basis),
        commits_wait: live.is_some_and(|live| !live.synchronous_standby_names.trim().is_empty()),
        following: nodes.iter().filter(|node| node.follows).count(),
        nodes,
        etcd: store::members(&basis),
        ports: inventory.endpoint.map(|ports| [ports.write, ports.read]),
        shared_address: proxies::shared(&basis),
        proxies: proxies::all(&basis),
    };
    status.verdict = status.sentence();
    status
}

fn system_id(observation: &Observation, live: Option<&Live>) -> Option<SystemId> {
    let named = match observation.born() {
        Born::Yes(stores) => stores.into_values().flatten().find_map(|it| match it {
            Initialize::By(id) => Some(id),
            Initialize::InProgress | Initialize::Other(_) => None,
        }),
        Born::No | Born::NoStore | Born::Unknown(_) => None,
    };
    named.or_else(|| live.map(|live| live.system_id.clone()))
}

impl Status {
    /// With remedies in the words of this invocation.
    pub fn settled(mut self, invocation: &Invocation) -> Self {
        self.findings = self.findings.into_iter().map(|finding| finding.settled(invocation)).collect();
        self
    }

    /// The versions of PostgreSQL and Patroni, as far as the nodes tell them.
    pub fn versions(&self) -> String {
        let told = |program: &str, of: fn(&NodeStatus) -> &Option<String>| {
            let all: BTreeSet<&str> = self.nodes.iter().filter_map(|node| of(node).as_deref()).collect();
            let all: Vec<_> = all.into_iter().collect();
            (!all.is_empty()).then(|| format!("{program} {}", names(&all, "and")))
        };
        let parts = [told("PostgreSQL", |node| &node.version), told("Patroni", |node| &node.patroni_version)];
        parts.into_iter().flatten().collect::<Vec<_>>().join(", ")
    }

    fn sentence(&self) -> String {
        let word = self.health.word();
        let paused = if self.paused { ", Patroni is paused" } else { "" };
        let Some(primary) = &self.primary else { return format!("{word}: no primary was seen{paused}") };
        let standbys = self.nodes.len() - 1;
        let follow = if standbys == 1 { "follows" } else { "follow" };
        let synchronous = match self.wanted_synchronous.max(self.synchronous) {
            0 => String::new(),
            _ => format!(", {} synchronous", self.synchronous),
        };
        let following = self.following;
        format!(
            "{word}: {primary} leads, {following} of {} {follow}{synchronous}{paused}",
            standbys_in_words(standbys)
        )
    }
}

fn standbys_in_words(number: usize) -> String {
    if number == 1 { "1 standby".into() } else { format!("{number} standbys") }
}
