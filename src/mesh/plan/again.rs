//! The same command once more, for a plan that was saved.

use super::{Command, NoPlan, Plan, Removing, add_node, bootstrap, remove_node};
use crate::mesh::judge::Basis;

/// The plan that the same command makes of what is seen now.
///
/// Errors: as those of that command.
pub fn again(plan: &Plan, basis: &Basis<'_>) -> Result<Plan, NoPlan> {
    match &plan.command {
        Command::Bootstrap { .. } => bootstrap(basis),
        Command::AddNode { nodes } => add_node(basis, nodes),
        Command::RemoveNode { nodes, unseen, .. } => remove_node(basis, &Removing { nodes, unseen }),
    }
}
