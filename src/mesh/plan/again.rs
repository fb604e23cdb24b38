//! The same command once more, for a plan that was saved.

use super::{
    Command, NoPlan, Plan, Removing, Skipping, add_node, apply_config, bootstrap, ddl, remove_node, repair,
    restart, skip,
};
use crate::mesh::judge::Basis;

/// The plan that the same command makes of what is seen now.
///
/// Errors: as those of that command.
pub fn again(plan: &Plan, basis: &Basis<'_>) -> Result<Plan, NoPlan> {
    match &plan.command {
        Command::Bootstrap { .. } => bootstrap(basis),
        Command::Skip { node, from, database } => {
            skip(basis, &Skipping { node, from, database: database.as_ref() })
        }
        Command::AddNode { nodes } => add_node(basis, nodes),
        Command::RemoveNode { nodes, unseen, .. } => remove_node(basis, &Removing { nodes, unseen }),
        Command::Repair { wanted, .. } => repair(basis, wanted),
        Command::Ddl { database, text, .. } => ddl(basis, database, text),
        Command::ApplyConfig => apply_config(basis),
        Command::Restart { nodes } => restart(basis, nodes),
    }
}
