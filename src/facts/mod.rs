//! What was seen of the hosts: typed, read-only, and honest about what could not be seen.

mod arbitrator;
mod fingerprint;
mod founding;
mod glance;
mod grastate;
mod gvwstate;
mod host;
mod live;
mod ports;
mod rates;
mod recovered;
mod removal;
mod report;
mod start;
mod state;
mod surroundings;
mod variable;

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::model::NodeName;

pub use arbitrator::ArbitratorFacts;
pub use fingerprint::{Difference, Fingerprint};
pub use founding::{Founding, Passed};
pub use glance::Glance;
pub use grastate::{Grastate, SavedState};
pub use gvwstate::{Gvwstate, LastView};
pub use host::{ConfigFile, Datadir, HostFacts, Intent, LaterOption, Schema, UnitFacts};
pub use live::{ClusterStatus, Live, ServerAnswer};
pub use ports::{Door, DoorState, PortMatrix, Reach, Target, Way, closed_doors, closed_ways, doors, ways};
pub use rates::Rates;
pub use recovered::{Position, Recovered, position_of, recovered_position};
pub use removal::Removal;
pub use report::{Malformed, Report};
pub use start::ServerStart;
pub use state::NodeState;
pub use surroundings::Surroundings;
pub use variable::Variable;

/// One look at all nodes of an inventory. Failing to see a node is a fact as well.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Observation {
    pub nodes: BTreeMap<NodeName, Seen>,
    #[serde(default)]
    pub arbitrators: BTreeMap<NodeName, Seen<ArbitratorFacts>>,
    /// Who reaches whom; empty where that was not tried.
    #[serde(default)]
    pub ports: PortMatrix,
    /// How far the data of stopped nodes got; `None` where they were not asked.
    #[serde(default)]
    pub recovered: Option<BTreeMap<NodeName, Recovered>>,
}

/// What came of looking at one host.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Seen<Facts = HostFacts> {
    /// The host was reached and told everything that was asked.
    Facts(Box<Facts>),
    /// The host was not reached, or did not tell. Nothing follows from it about the host.
    Unreachable(String),
}

impl Observation {
    /// The facts of an arbitrator's host that was reached.
    pub fn arbitrator(&self, name: &NodeName) -> Option<&ArbitratorFacts> {
        match self.arbitrators.get(name)? {
            Seen::Facts(facts) => Some(facts),
            Seen::Unreachable(_) => None,
        }
    }

    /// What a plan rests on of this host, node or arbitrator; `None` where it was not seen.
    pub fn fingerprint(&self, name: &NodeName) -> Option<Fingerprint> {
        let node = self.facts(name).map(Fingerprint::of);
        node.or_else(|| self.arbitrator(name).map(Fingerprint::of_arbitrator))
    }

    /// The facts of a node that was reached.
    pub fn facts(&self, name: &NodeName) -> Option<&HostFacts> {
        match self.nodes.get(name)? {
            Seen::Facts(facts) => Some(facts),
            Seen::Unreachable(_) => None,
        }
    }

    /// Nodes with their facts, in order of their names.
    pub fn seen(&self) -> impl Iterator<Item = (&NodeName, &HostFacts)> {
        self.nodes.keys().filter_map(|name| Some((name, self.facts(name)?)))
    }
}
