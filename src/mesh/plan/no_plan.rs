//! Why there is no plan.

use super::Wanted;
use crate::kernel::judge::Finding;
use crate::kernel::model::NodeName;
use crate::mesh::facts::Which;

#[derive(Debug, thiserror::Error)]
pub enum NoPlan {
    #[error("refused")]
    Refused(Vec<Finding>),
    /// It has to be asked first what a transaction holds.
    #[error("what a transaction holds is not known")]
    Ask(Box<Which>),
    /// The rows have to be compared first.
    #[error("the rows were not compared")]
    Rows(Wanted),
    /// The merge functions have to be tried on this node first.
    #[error("the merge functions have not been tried on {0} yet")]
    TrialWanted(NodeName),
}

impl From<Vec<Finding>> for NoPlan {
    fn from(refusals: Vec<Finding>) -> Self {
        Self::Refused(refusals)
    }
}

/// No refusals: go on.
pub(super) fn refuse(refusals: Vec<Finding>) -> Result<(), NoPlan> {
    if refusals.is_empty() { Ok(()) } else { Err(NoPlan::Refused(refusals)) }
}
