//! What becomes of each node once one is chosen.

use serde::{Deserialize, Serialize};

use super::evidence::{Evidence, Holding, NodeEvidence};
use crate::kernel::model::NodeName;
use crate::patroni::facts::{Line, Lsn, Relation, SystemId, Timeline, relation};

/// One node, as it stands to the chosen one.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Standing {
    pub node: NodeName,
    pub fate: Fate,
}

/// What becomes of its data.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Fate {
    /// The cluster goes on from it.
    Source,
    /// It runs already.
    Running,
    /// The source holds all of it, and this many bytes of WAL more.
    Behind { bytes: u64 },
    /// It has no data, and copies the source's.
    Copies,
    /// It has this many bytes of WAL that the source has not, from `from` on.
    Ahead { from: Lsn, bytes: u64 },
    /// It has another history from `at` on, with this many bytes of its own.
    Forked { timeline: Timeline, at: Lsn, bytes: u64 },
    /// Its data is another cluster's.
    Stranger { system: SystemId },
    /// It was not seen, or what it holds cannot be compared; why.
    Unknown { why: String, seen: bool },
}

impl Fate {
    /// Something of its data may be in no other place.
    pub fn may_lose(&self) -> bool {
        match self {
            Self::Source | Self::Running | Self::Behind { .. } | Self::Copies => false,
            Self::Ahead { .. } | Self::Forked { .. } | Self::Stranger { .. } | Self::Unknown { .. } => true,
        }
    }

    /// It follows the source with the data that it has; no rewinding is needed.
    pub fn follows(&self) -> bool {
        matches!(self, Self::Behind { .. } | Self::Copies)
    }
}

/// Every node in the inventory's order beside `source`, whose history is `line`.
pub fn standings(evidence: &Evidence, source: &NodeName, line: &Line) -> Vec<Standing> {
    let standing = |node: &NodeEvidence| {
        let fate = if &node.name == source { Fate::Source } else { fate(node, line) };
        Standing { node: node.name.clone(), fate }
    };
    evidence.nodes.iter().map(standing).collect()
}

fn fate(node: &NodeEvidence, source: &Line) -> Fate {
    match &node.holding {
        Holding::Unseen(why) => Fate::Unknown { why: format!("it was not seen: {why}"), seen: false },
        Holding::Nothing => Fate::Copies,
        Holding::Primary(_) | Holding::Runs { .. } => Fate::Running,
        Holding::Unclear(why) => Fate::Unknown { why: why.clone(), seen: true },
        Holding::Data(held) => beside(&held.line, source),
    }
}

fn beside(own: &Line, source: &Line) -> Fate {
    match relation(source, own) {
        Relation::Equal => Fate::Behind { bytes: 0 },
        Relation::Ahead(bytes) => Fate::Behind { bytes },
        Relation::Behind(bytes) => Fate::Ahead { from: source.end, bytes },
        Relation::Forked { timeline, at } => Fate::Forked { timeline, at, bytes: own.end.since(at) },
        Relation::Strangers => Fate::Stranger { system: own.system_id.clone() },
        Relation::Unknown(why) => Fate::Unknown { why, seen: true },
    }
}
