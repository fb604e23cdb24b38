//! Whether a step is done already, as seen on its host.

use super::{Action, EtcdAction, PatroniAction};
use crate::kernel::plan::HostAction;
use crate::patroni::facts::HostFacts;

/// After a connection was lost in the middle of a step. `false`: it has to be, and may be, done again.
pub fn done(action: &Action, facts: &HostFacts) -> bool {
    match action {
        Action::Host(HostAction::InstallPackages { packages }) => {
            packages.iter().all(|name| facts.installed(name).is_some())
        }
        Action::Host(HostAction::EnableUnit { unit }) => {
            facts.unit(unit.as_str()).is_some_and(|unit| unit.is_enabled())
        }
        Action::Etcd(EtcdAction::Start) => facts.etcd.unit.is_active(),
        Action::Host(HostAction::PutFile(_) | HostAction::TryFile(_))
        | Action::Etcd(EtcdAction::Verify { .. }) => false,
        Action::Patroni(
            PatroniAction::Found { .. }
            | PatroniAction::Join { .. }
            | PatroniAction::VerifyMembers { .. }
            | PatroniAction::VerifyWrites { .. },
        ) => false,
    }
}
