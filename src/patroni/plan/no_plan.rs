//! Why there is no plan.

use crate::kernel::judge::Finding;

#[derive(Debug, thiserror::Error)]
pub enum NoPlan {
    #[error("refused")]
    Refused(Vec<Finding>),
    /// Somebody else's Patroni makes the cluster just now, and what becomes of it is worth waiting for.
    #[error("the cluster is being made on {0}")]
    Founding(crate::kernel::model::NodeName),
    /// Whoever runs may choose a primary by itself, and galactl has not waited for that yet.
    #[error("no server is a primary, and whoever runs may choose one by itself")]
    Electing,
    /// The standalone server that is to become the cluster's first was not asked what it has.
    #[error("the standalone server on {0} was not asked what it has")]
    SeedWanted(crate::kernel::model::NodeName),
    /// The data of stopped nodes was not asked how far it got.
    #[error("the data of stopped nodes was not asked how far it got")]
    PositionsWanted,
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
