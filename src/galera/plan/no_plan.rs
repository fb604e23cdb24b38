//! Why there is no plan.

use crate::galera::alter::{Change, Table};
use crate::galera::config::RenderError;
use crate::galera::judge::Basis;
use crate::kernel::judge::Finding;
use crate::kernel::model::NodeName;

/// Why there is no plan.
#[derive(Debug, thiserror::Error)]
pub enum NoPlan {
    #[error("refused")]
    Refused(Vec<Finding>),
    #[error("{0}")]
    Render(#[from] RenderError),
    /// The data of stopped nodes must be asked first how far it got.
    #[error("the data of stopped nodes was not asked")]
    PositionsWanted,
    /// The members must be asked first what they make of a change of a table.
    #[error("the members were not asked what they make of `{1}` on {0}")]
    StudyWanted(Table, Change),
    /// Servers of these nodes have just been started, and what becomes of them is worth waiting for.
    #[error("servers are starting by themselves: {}", names(.0))]
    Settling(Vec<NodeName>),
    /// These members give their data to a joiner, and are free again when that has ended.
    #[error("a state transfer goes on: {} is its donor", names(.0))]
    Donating(Vec<NodeName>),
}

impl From<Vec<Finding>> for NoPlan {
    fn from(refusals: Vec<Finding>) -> Self {
        Self::Refused(refusals)
    }
}

fn names(nodes: &[NodeName]) -> String {
    nodes.iter().map(ToString::to_string).collect::<Vec<_>>().join(", ")
}

/// Refusals of members that are not Synced. Where all of those only give their data to a joiner, that ends by itself.
pub(super) fn refuse_or_wait(basis: &Basis<'_>, refusals: Vec<Finding>) -> Result<(), NoPlan> {
    let donor = |refusal: &Finding| {
        let facts = basis.observation.facts(refusal.node.as_ref()?)?;
        let live = facts.live().filter(|live| live.is_primary() && live.local_state.is_donor());
        live.and(refusal.node.clone())
    };
    match refusals.iter().map(donor).collect::<Option<Vec<_>>>() {
        Some(donors) if !donors.is_empty() => Err(NoPlan::Donating(donors)),
        _ => refuse(refusals),
    }
}

/// No refusals: go on.
pub(super) fn refuse(refusals: Vec<Finding>) -> Result<(), NoPlan> {
    if refusals.is_empty() { Ok(()) } else { Err(NoPlan::Refused(refusals)) }
}
