//! What changes from second to second on a host.

use std::collections::{BTreeMap, BTreeSet};
use std::net::IpAddr;

use super::host::HostFacts;
use super::live::{Live, ServerAnswer};
use super::rates::Rates;
use crate::kernel::facts::UnitFacts;

/// A small look, between two whole ones.
#[derive(Debug, Clone, PartialEq)]
pub struct Glance {
    pub unit: UnitFacts,
    pub processes: Vec<u32>,
    pub server_answer: ServerAnswer,
    /// As in [`HostFacts`].
    pub group_peers: Option<BTreeSet<IpAddr>>,
    /// `SHOW GLOBAL STATUS`, as far as it was asked for.
    pub counters: BTreeMap<String, String>,
    /// Milliseconds since the host was booted.
    pub uptime: u64,
}

impl Glance {
    /// The host as the last whole look saw it, with what this one has seen since.
    pub fn onto(&self, facts: &mut HostFacts) {
        facts.unit = self.unit.clone();
        facts.processes.clone_from(&self.processes);
        facts.server_answer = self.server_answer.clone();
        facts.group_peers.clone_from(&self.group_peers);
    }

    /// `None` where the server did not answer both times, or the host was booted in between.
    pub fn rates_since(&self, earlier: &Self) -> Option<Rates> {
        let milliseconds = self.uptime.checked_sub(earlier.uptime)?;
        earlier.live()?;
        Rates::of(&earlier.counters, &self.counters, milliseconds)
    }

    /// A server that came, went, or is in another view: files on its host may have changed with it.
    pub fn is_new_since(&self, earlier: &Self) -> bool {
        let view = |glance: &Self| glance.live().map(|live| (live.conf_id, live.local_state.clone()));
        self.unit != earlier.unit || view(self) != view(earlier)
    }

    fn live(&self) -> Option<&Live> {
        match &self.server_answer {
            ServerAnswer::Live(live) => Some(live),
            _ => None,
        }
    }
}
