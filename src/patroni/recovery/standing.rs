//! What becomes of each node once one is chosen.

use serde::{Deserialize, Serialize};

use super::evidence::{Evidence, Holding, NodeEvidence};
use crate::kernel::model::NodeName;
use crate::patroni::facts::{Line, Lsn, Place, Relation, SystemId, Timeline, meeting};

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
    /// It has another history than the source, with this many bytes of WAL of its own from `from` on.
    Forked { from: Place, bytes: u64, exact: bool },
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

/// Every node in the inventory's order beside `source`, whose data was read.
pub fn standings(evidence: &Evidence, source: &NodeName) -> Vec<Standing> {
    let standing = |node: &NodeEvidence| {
        let fate = if &node.name == source { Fate::Source } else { fate(evidence, node, source) };
        Standing { node: node.name.clone(), fate }
    };
    evidence.nodes.iter().map(standing).collect()
}

fn fate(evidence: &Evidence, node: &NodeEvidence, source: &NodeName) -> Fate {
    match &node.holding {
        Holding::Unseen(why) => Fate::Unknown { why: format!("it was not seen: {why}"), seen: false },
        Holding::Nothing => Fate::Copies,
        Holding::Primary(_) | Holding::Runs { .. } => Fate::Running,
        Holding::Unclear(why) => Fate::Unknown { why: why.clone(), seen: true },
        Holding::Data(held) => match evidence.relation(source, &node.name) {
            Some(Relation::Equal) => Fate::Behind { bytes: 0 },
            Some(Relation::Ahead(bytes)) => Fate::Behind { bytes },
            Some(Relation::Behind(bytes)) => {
                let from =
                    evidence.node(source).and_then(NodeEvidence::line).map_or(held.line.end, |it| it.end);
                Fate::Ahead { from, bytes }
            }
            Some(Relation::Forked(place)) => {
                let Fork { from, exact } = fork(evidence, &node.name, source, place);
                Fate::Forked { from, bytes: held.line.end.since(from.at), exact }
            }
            Some(Relation::Strangers) => Fate::Stranger { system: held.line.system_id.clone() },
            Some(Relation::Unknown(why)) => Fate::Unknown { why, seen: true },
            None => Fate::Unknown { why: format!("{source} does not tell how far it is"), seen: true },
        },
    }
}

/// Where two histories part.
pub(super) struct Fork {
    pub from: Place,
    /// It is this place. Otherwise it is a later one, which nobody knows.
    pub exact: bool,
}

/// Where both have left the same timeline at the same place, they part there. Two that were promoted apart may have the
/// same number, so of any other place it is only known that they part before it: since that timeline begins, unless its
/// first record is the same on both. What a node has of its own must not be said to be less than it may be.
pub(super) fn fork(evidence: &Evidence, node: &NodeName, other: &NodeName, place: Place) -> Fork {
    let line = |name| evidence.node(name).and_then(NodeEvidence::line);
    let (Some(own), Some(others)) = (line(node), line(other)) else {
        return Fork { from: place, exact: false };
    };
    let leaves = |line: &Line| {
        let mut switches = line.history.iter().flat_map(|history| &history.0);
        switches.any(|switch| (switch.timeline, switch.at) == (place.timeline, place.at))
    };
    let first = |line: &Line| line.first_records.get(&place.timeline).cloned();
    let same_beginning =
        place.timeline == Timeline::FIRST || first(own).is_some() && first(own) == first(others);
    // The histories themselves say that they part, and not only their WAL.
    let told = meeting(own, others).is_err();
    if told && (leaves(own) && leaves(others) || same_beginning) {
        return Fork { from: place, exact: true };
    }
    let history = own.history.iter().flat_map(|history| &history.0);
    let begins = history.filter(|switch| switch.timeline < place.timeline).map(|switch| switch.at).max();
    Fork { from: Place { at: begins.unwrap_or_default(), ..place }, exact: false }
}
