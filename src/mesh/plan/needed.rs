//! What a mesh needs now.

use super::{NoPlan, Plan, apply_config, bootstrap};
use crate::mesh::judge::Basis;

/// Its birth, or nodes that are missing in it; where all are members, what brings them to the inventory.
///
/// Errors: as those of the two commands.
pub fn needed(basis: &Basis<'_>) -> Result<Plan, NoPlan> {
    let plan = bootstrap(basis)?;
    if plan.is_empty() { apply_config(basis) } else { Ok(plan) }
}
