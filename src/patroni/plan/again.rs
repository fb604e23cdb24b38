//! The same command once more, for a plan that was saved.

use super::{
    Choice, Command, NoPlan, Plan, Removing, add_node, apply_config, bootstrap, failover, recover,
    remove_node, restart, start, stop, switchover,
};
use crate::patroni::judge::Basis;

/// The plan that the same command makes of what is seen now.
///
/// Errors: as those of that command.
pub fn again(plan: &Plan, basis: &Basis<'_>) -> Result<Plan, NoPlan> {
    match &plan.command {
        Command::Bootstrap { .. } => bootstrap(basis),
        Command::AddNode { nodes } => add_node(basis, nodes),
        Command::RemoveNode { nodes, unseen } => remove_node(basis, &Removing { nodes, unseen }),
        Command::Recover { seed, keep_aside, .. } => {
            recover(basis, &Choice { seed: seed.clone(), keep_aside: *keep_aside })
        }
        Command::Switchover { to, .. } => switchover(basis, Some(to)),
        Command::Failover { to, .. } => failover(basis, to),
        Command::Restart { nodes } => restart(basis, nodes),
        Command::Stop { nodes } => stop(basis, nodes),
        Command::Start { nodes } => start(basis, nodes),
        Command::ApplyConfig => apply_config(basis),
    }
}
