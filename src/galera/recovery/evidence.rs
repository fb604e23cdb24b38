//! What a verdict rests on, and what follows from it for one node.

use super::continuity::broken_continuity;
use super::holding::{Holding, holding};
use super::restarts::Peer;
use crate::galera::facts::HostFacts;
use crate::galera::model::{Gtid, Seqno};
use crate::galera::observation::Observation;
use crate::kernel::model::NodeName;

/// What the verdict rests on: the nodes in the inventory's order, and what was seen of them.
#[derive(Clone, Copy)]
pub struct Evidence<'a> {
    pub order: &'a [NodeName],
    pub observation: &'a Observation,
}

impl<'a> Evidence<'a> {
    /// Every node with what it holds, in the inventory's order.
    pub(super) fn holdings(&self) -> Vec<(&'a NodeName, Holding)> {
        self.order.iter().map(|node| (node, holding(self.observation, node))).collect()
    }

    pub(super) fn facts(&self, node: &NodeName) -> Option<&'a HostFacts> {
        self.observation.facts(node)
    }

    /// The running member whose cache holds what a stopped node lacks; `Some(None)`: none has it. Of
    /// stopped members that cannot be told.
    pub fn served_by_ist(&self, node: &NodeName) -> Option<Option<&'a NodeName>> {
        let Holding::At(Gtid { uuid, seqno: Seqno::At(seqno) }) = holding(self.observation, node) else {
            return None;
        };
        let live = |other: &'a NodeName| {
            let live = self.facts(other)?.live().filter(|live| live.is_primary())?;
            (live.state_uuid.as_ref() == Some(&uuid)).then_some((other, live.cached_downto))
        };
        let members: Vec<_> = self.order.iter().filter_map(live).collect();
        let serves = |(_, first): &&(&NodeName, Seqno)| matches!(first, Seqno::At(first) if *first <= seqno.saturating_add(1));
        (!members.is_empty()).then(|| members.iter().find(serves).map(|(other, _)| *other))
    }

    /// Why a node's last write-sets may be others than the cluster's.
    pub(super) fn broken(&self, node: &NodeName, position: &Gtid) -> Option<String> {
        let others = self.order.iter().filter(|other| *other != node);
        let peer = |name| {
            let position = holding(self.observation, name).position();
            Some(Peer { name, facts: self.facts(name)?, position })
        };
        broken_continuity(self.facts(node)?, position, &others.filter_map(peer).collect::<Vec<_>>())
    }
}
