//! What the cluster needs now, whichever command that is.

use super::{NoPlan, Plan, bootstrap};
use crate::patroni::judge::Basis;

/// Plans the one command that brings the cluster nearer to its inventory. Empty: nothing.
///
/// Errors: as those of that command.
pub fn needed(basis: &Basis<'_>) -> Result<Plan, NoPlan> {
    bootstrap(basis)
}
