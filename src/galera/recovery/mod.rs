//! After an outage: what each node holds, which one the cluster starts again from, and what that
//! costs. Evidence in, verdict out; the plan is made of it elsewhere.

mod bundle;
mod continuity;
mod decide;
mod force;
mod holding;
mod last_one;
mod missing;
mod restarts;
mod settling;
mod standing;
mod table;
mod verdict;

pub use bundle::{Bundle, NotABundle};
pub use continuity::{broken_continuity, unproven_restarts};
pub use decide::decide;
pub use force::force;
pub use holding::{Holding, holding};
pub use restarts::{Peer, known_restarts};
pub use settling::settling;
pub use standing::{Fate, Standing};
pub use table::{HEADINGS, sentence, table, verdict_text};
pub use verdict::{Doubt, DoubtKind, Outcome, Rule, Verdict};

use super::facts::HostFacts;
use super::model::{Gtid, Seqno};
use super::observation::Observation;
use crate::kernel::model::NodeName;

/// What the verdict rests on: the nodes in the inventory's order, and what was seen of them.
#[derive(Clone, Copy)]
pub struct Evidence<'a> {
    pub order: &'a [NodeName],
    pub observation: &'a Observation,
}

impl<'a> Evidence<'a> {
    /// Every node with what it holds, in the inventory's order.
    fn holdings(&self) -> Vec<(&'a NodeName, Holding)> {
        self.order.iter().map(|node| (node, holding(self.observation, node))).collect()
    }

    fn facts(&self, node: &NodeName) -> Option<&'a HostFacts> {
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
    fn broken(&self, node: &NodeName, position: &Gtid) -> Option<String> {
        let others = self.order.iter().filter(|other| *other != node);
        let peer = |name| {
            let position = holding(self.observation, name).position();
            Some(Peer { name, facts: self.facts(name)?, position })
        };
        broken_continuity(self.facts(node)?, position, &others.filter_map(peer).collect::<Vec<_>>())
    }
}
