//! Why there is no plan.

use crate::galera::config::RenderError;
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
    /// Servers of these nodes have just been started, and what becomes of them is worth waiting for.
    #[error("servers are starting by themselves: {}", names(.0))]
    Settling(Vec<NodeName>),
}

impl From<Vec<Finding>> for NoPlan {
    fn from(refusals: Vec<Finding>) -> Self {
        Self::Refused(refusals)
    }
}

fn names(nodes: &[NodeName]) -> String {
    nodes.iter().map(ToString::to_string).collect::<Vec<_>>().join(", ")
}

/// No refusals: go on.
pub(super) fn refuse(refusals: Vec<Finding>) -> Result<(), NoPlan> {
    if refusals.is_empty() { Ok(()) } else { Err(NoPlan::Refused(refusals)) }
}
