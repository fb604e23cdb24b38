//! What a verdict rests on.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

use crate::kernel::model::NodeName;
use crate::patroni::facts::{Line, Place, Relation, SyncKey, SystemId, meeting, relation};

/// Every node with what it shows, and what etcd last said.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Evidence {
    /// All data nodes in the inventory's order, which decides between equal ones.
    pub nodes: Vec<NodeEvidence>,
    /// The key `sync` as it was last agreed on, or as a member of etcd has it; `None` where it is gone.
    pub sync: Option<SyncKey>,
    /// The identities that the key `initialize` has. More than one is a contradiction.
    pub named: BTreeSet<SystemId>,
    /// A commit waits for a standby.
    pub synchronous: bool,
    /// Pairs of nodes, the first of them first in the inventory, and whether their WAL is the same before the place
    /// where their histories meet. Pairs that were not compared, or could not be, are not there.
    pub compared: BTreeMap<NodeName, BTreeMap<NodeName, bool>>,
}

/// One node.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct NodeEvidence {
    pub name: NodeName,
    /// Patroni may promote it: the inventory does not say `failover: no`.
    pub may_lead: bool,
    pub holding: Holding,
}

/// What a node holds.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Holding {
    /// It was not seen; why. It may have more than all others.
    Unseen(String),
    /// It has no data.
    Nothing,
    /// Its server says that it is no standby; with its history, where it told it.
    Primary(Option<Line>),
    /// A standby, or Patroni alone, is at work: what the data holds can be read for certain once both are stopped.
    /// The line is as far as the server told.
    Runs { what: String, line: Option<Line> },
    /// Nothing runs, and the end of its WAL was read.
    Data(Held),
    /// It has data, or may have, and what it holds could not be read; why.
    Unclear(String),
}

/// The data of a stopped node.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Held {
    pub line: Line,
    /// The server ended in an orderly way.
    pub clean: bool,
    /// When its last checkpoint was, in the host's words; empty where it is not known.
    pub checkpoint: String,
}

impl Evidence {
    pub fn node(&self, name: &NodeName) -> Option<&NodeEvidence> {
        self.nodes.iter().find(|node| &node.name == name)
    }

    /// What the data of one node is to another's; `None` where one of them has none that was read.
    pub fn relation(&self, one: &NodeName, other: &NodeName) -> Option<Relation> {
        let lines = (self.node(one)?.line()?, self.node(other)?.line()?);
        let pair = |one, other| self.compared.get(one)?.get(other).copied();
        let same = if one == other { Some(true) } else { pair(one, other).or_else(|| pair(other, one)) };
        Some(relation(lines.0, lines.1, same))
    }

    /// For each node the places before which its WAL has to be compared with another's.
    pub fn places(&self) -> BTreeMap<NodeName, Vec<Place>> {
        let mut places = BTreeMap::<NodeName, Vec<Place>>::new();
        for (one, other, place) in self.meetings() {
            for node in [one, other] {
                let known = places.entry(node.clone()).or_default();
                known.extend((!known.contains(&place)).then_some(place));
            }
        }
        places
    }

    /// Pairs of nodes whose WAL has to be compared, and before which place.
    pub(super) fn meetings(&self) -> impl Iterator<Item = (&NodeName, &NodeName, Place)> {
        let pairs = self
            .nodes
            .iter()
            .enumerate()
            .flat_map(|(at, one)| self.nodes[at + 1..].iter().map(move |other| (one, other)));
        pairs.filter_map(|(one, other)| {
            Some((&one.name, &other.name, meeting(one.line()?, other.line()?).ok()?))
        })
    }

    /// Nodes with data that was read, in the inventory's order.
    pub fn held(&self) -> impl Iterator<Item = (&NodeEvidence, &Held)> {
        self.nodes.iter().filter_map(|node| match &node.holding {
            Holding::Data(held) => Some((node, held)),
            _ => None,
        })
    }

    /// Nodes on which a primary runs.
    pub fn primaries(&self) -> impl Iterator<Item = (&NodeName, Option<&Line>)> {
        self.nodes.iter().filter_map(|node| match &node.holding {
            Holding::Primary(line) => Some((&node.name, line.as_ref())),
            _ => None,
        })
    }

    /// The node was the last leader, as far as etcd still says so.
    pub fn led_last(&self, name: &NodeName) -> bool {
        self.sync.as_ref().and_then(|sync| sync.leader.as_deref()) == Some(name.as_str())
    }

    /// Patroni may promote it as far as the key `sync` is concerned: there is none, or it names the node.
    pub fn is_in_sync(&self, name: &NodeName) -> bool {
        let names = |sync: &SyncKey| sync.standbys.iter().any(|standby| standby == name.as_str());
        self.sync.as_ref().is_none_or(|sync| self.led_last(name) || names(sync))
    }
}

impl NodeEvidence {
    /// The history of its data, from its server or from its files.
    pub fn line(&self) -> Option<&Line> {
        match &self.holding {
            Holding::Data(held) => Some(&held.line),
            Holding::Primary(line) | Holding::Runs { line, .. } => line.as_ref(),
            Holding::Unseen(_) | Holding::Nothing | Holding::Unclear(_) => None,
        }
    }
}
