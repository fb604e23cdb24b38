//! Whether a step is done already, as seen on its host.

use super::{Action, NodeAction};
use crate::kernel::plan::HostAction;
use crate::mesh::facts::HostFacts;

/// After a connection was lost in the middle of a step. `false`: it has to be, and may be, done again.
pub fn done(action: &Action, facts: &HostFacts) -> bool {
    match action {
        Action::Host(HostAction::InstallPackages { packages }) => {
            packages.iter().all(|name| facts.installed(name).is_some())
        }
        Action::Host(
            HostAction::EnableUnit { .. }
            | HostAction::DisableUnit { .. }
            | HostAction::PutFile(_)
            | HostAction::TryFile(_),
        ) => false,
        Action::Node(action) => match action {
            NodeAction::CreateCluster { version } => facts.has_cluster(*version),
            NodeAction::Configure { access, .. } => facts.included && facts.access == *access,
            NodeAction::Serve { .. }
            | NodeAction::Account
            | NodeAction::Open { .. }
            | NodeAction::Merge { .. }
            | NodeAction::Resume { .. }
            | NodeAction::Reserve { .. }
            | NodeAction::Copy { .. }
            | NodeAction::Follow { .. }
            | NodeAction::Feed { .. }
            | NodeAction::Admit { .. }
            | NodeAction::Skip { .. }
            | NodeAction::ShutOut { .. }
            | NodeAction::Deliver { .. }
            | NodeAction::StopReading { .. }
            | NodeAction::Forget { .. }
            | NodeAction::Leave { .. }
            | NodeAction::VerifyGone { .. }
            | NodeAction::VerifyLinks { .. }
            | NodeAction::VerifyRows { .. }
            | NodeAction::Repair { .. }
            | NodeAction::Ddl { .. }
            | NodeAction::AwaitSent { .. }
            | NodeAction::CompareTables { .. } => false,
        },
    }
}
