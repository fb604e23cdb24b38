//! What was seen of all hosts of a mesh.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::facts::{HeldUp, HostFacts, Trial, fingerprint};
use super::inventory::ROLE;
use crate::kernel::compare::{Report, Table};
use crate::kernel::facts::{Fingerprint, Seen, Unseen};
use crate::kernel::inventory::Hosts;
use crate::kernel::model::{HostName, NodeName};

/// One look at all hosts of an inventory. Failing to see one is a fact as well.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Observation {
    pub nodes: BTreeMap<NodeName, Seen<HostFacts>>,
    /// A transaction that was asked for, because a node cannot apply it.
    #[serde(default)]
    pub held_up: Option<HeldUp>,
    /// Which rows differ; `None`: nobody has asked.
    #[serde(skip)]
    pub compared: Option<Compared>,
    /// Merge functions that were tried; `None`: nobody has asked for it.
    #[serde(default)]
    pub trials: Option<Vec<Trial>>,
}

/// A comparison of the nodes, with both values of each row that differs.
#[derive(Debug, Clone, PartialEq)]
pub struct Compared {
    /// The clock of the node whose rows the others are to get, before it was asked for its values.
    pub as_of: String,
    pub report: Report,
    /// The tables of that node.
    pub tables: Vec<Table>,
}

impl Observation {
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

    /// Nodes that were not seen: anything may run there.
    pub fn unseen(&self) -> impl Iterator<Item = (&NodeName, &Unseen)> {
        self.nodes.iter().filter_map(|(name, seen)| match seen {
            Seen::Facts(_) => None,
            Seen::Unreachable(why) => Some((name, why)),
        })
    }

    /// What a plan rests on of this host; `None` where it was not seen.
    pub fn fingerprint(&self, hosts: &Hosts, host: &HostName) -> Option<Fingerprint> {
        let mut whole = None::<Fingerprint>;
        for member in hosts.on(host) {
            let own = fingerprint(ROLE, self.facts(&member.member)?);
            whole = Some(match whole {
                Some(whole) => whole.and(own),
                None => own,
            });
        }
        whole
    }
}
