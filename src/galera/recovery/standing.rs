//! How each node stands to the position that the cluster goes on from: what it gets, what it loses.

use serde::{Deserialize, Serialize};

use super::evidence::Evidence;
use super::holding::Holding;
use crate::galera::model::{Gtid, Seqno, StateUuid};
use crate::kernel::model::NodeName;

/// One node.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Standing {
    pub node: NodeName,
    pub fate: Fate,
}

/// What becomes of a node, in write-sets where they can be counted.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Fate {
    /// The cluster's data comes from it.
    Source,
    /// Its server runs, and is or becomes a member by itself.
    Running,
    /// It has the same history up to here, and gets the rest.
    Behind { write_sets: u64 },
    /// Its data is replaced by a full state transfer, and nothing counts in it.
    Replaced { why: String },
    /// It was never a member, and is left alone.
    Stranger,
    /// It holds write-sets that the source lacks.
    Ahead { write_sets: u64 },
    /// It holds another history than the source.
    Foreign { position: Gtid },
    /// It has the source's state UUID, and its last write-sets may be others than the source's.
    Unproven { why: String },
    /// What it holds is not known.
    Unknown { why: String },
}

impl Fate {
    /// Going on without this node's data may lose commits.
    pub fn may_lose(&self) -> bool {
        matches!(
            self,
            Self::Ahead { .. } | Self::Foreign { .. } | Self::Unproven { .. } | Self::Unknown { .. }
        )
    }
}

/// Where a cluster goes on from.
pub(super) struct Base<'a> {
    pub source: &'a NodeName,
    pub state: &'a StateUuid,
    /// -1 of a running component that does not tell.
    pub seqno: Seqno,
    /// The component runs already, or forms by itself once its servers run.
    pub alive: bool,
    /// A server that waits for a Primary component is or becomes a member of it; otherwise it is stopped, and joins.
    pub waiting_stays: bool,
}

pub(super) fn standings(evidence: &Evidence<'_>, base: &Base<'_>) -> Vec<Standing> {
    let standing = |(node, holding): (&NodeName, Holding)| {
        let fate = if node == base.source { Fate::Source } else { fate(evidence, base, node, holding) };
        Standing { node: node.clone(), fate }
    };
    evidence.holdings().into_iter().map(standing).collect()
}

fn fate(evidence: &Evidence<'_>, base: &Base<'_>, node: &NodeName, holding: Holding) -> Fate {
    match holding {
        Holding::Waiting { state: Some(state), seqno } => {
            let position = Gtid { uuid: state, seqno };
            match compared(base, &position) {
                behind @ Fate::Behind { .. } => {
                    let fate = if base.waiting_stays { Fate::Running } else { behind };
                    unless_broken(evidence, node, &position, fate)
                }
                other => other,
            }
        }
        // A node without a state has nothing to lose yet.
        Holding::Primary { .. } | Holding::Waiting { state: None, .. } => Fate::Running,
        Holding::Starting { looping: false, .. } if base.alive => Fate::Running,
        Holding::At(position) => match compared(base, &position) {
            behind @ Fate::Behind { .. } => unless_broken(evidence, node, &position, behind),
            other => other,
        },
        Holding::Void { why, data: Some(position) } => match compared(base, &position) {
            ahead @ (Fate::Ahead { .. } | Fate::Foreign { .. }) => ahead,
            _ => unless_broken(evidence, node, &position, Fate::Replaced { why }),
        },
        Holding::Void { why, data: None } => match own_databases(evidence, base, node) {
            Some(own) => Fate::Unknown { why: format!("{why}; and {} lacks its {own}", base.source) },
            None => Fate::Replaced { why },
        },
        Holding::Stranger(_) => Fate::Stranger,
        Holding::Unseen(why)
        | Holding::Starting { why, .. }
        | Holding::Outside(why)
        | Holding::Missing(why)
        | Holding::Unclear(why) => Fate::Unknown { why },
    }
}

fn compared(base: &Base<'_>, position: &Gtid) -> Fate {
    if &position.uuid != base.state {
        return Fate::Foreign { position: position.clone() };
    }
    match (base.seqno, position.seqno) {
        (Seqno::At(base), Seqno::At(node)) if node > base => Fate::Ahead { write_sets: node - base },
        (Seqno::At(base), Seqno::At(node)) => Fate::Behind { write_sets: base - node },
        _ => Fate::Unknown { why: "its seqno or the cluster's is not known".into() },
    }
}

/// Databases that the source does not have, so that they are no copies of its own.
fn own_databases(evidence: &Evidence<'_>, base: &Base<'_>, node: &NodeName) -> Option<String> {
    let names = |node| {
        let schemas = evidence.facts(node).map_or(&[][..], |facts| &facts.datadir.schemas);
        schemas.iter().map(|schema| schema.name.as_str())
    };
    let theirs: Vec<_> = names(base.source).collect();
    let own: Vec<_> = names(node).filter(|name| !theirs.contains(name)).collect();
    (!own.is_empty()).then(|| format!("databases {}", own.join(", ")))
}

/// The same UUID and a lower seqno prove a common history only where the cluster was not started
/// again from an earlier position in between.
fn unless_broken(evidence: &Evidence<'_>, node: &NodeName, position: &Gtid, otherwise: Fate) -> Fate {
    match evidence.broken(node, position) {
        Some(why) => Fate::Unproven { why },
        None => otherwise,
    }
}
