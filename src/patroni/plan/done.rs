//! Whether a step is done already, as seen on its host.

use super::{Action, EtcdAction, PatroniAction};
use crate::kernel::facts::UnitFacts;
use crate::kernel::plan::HostAction;
use crate::patroni::facts::HostFacts;

/// After a connection was lost in the middle of a step. `false`: it has to be, and may be, done again.
pub fn done(action: &Action, facts: &HostFacts) -> bool {
    match action {
        Action::Host(HostAction::InstallPackages { packages }) => {
            packages.iter().all(|name| facts.installed(name).is_some())
        }
        Action::Host(HostAction::EnableUnit { unit }) => {
            facts.unit(unit.as_str()).is_some_and(UnitFacts::is_enabled)
        }
        Action::Host(HostAction::DisableUnit { unit }) => {
            !facts.unit(unit.as_str()).is_some_and(UnitFacts::is_enabled)
        }
        Action::Etcd(EtcdAction::Start) => facts.etcd.unit.is_active(),
        Action::Etcd(EtcdAction::Leave) => {
            !facts.etcd.runs() && !facts.unit("etcd").is_some_and(UnitFacts::is_enabled)
        }
        Action::Etcd(EtcdAction::Stop) => !facts.etcd.runs(),
        Action::Etcd(EtcdAction::KeepAside { datadir, .. }) => !facts.etcd.datadirs.contains_key(datadir),
        Action::Patroni(PatroniAction::Stop { .. }) => !facts.patroni_runs() && !facts.server_runs(),
        Action::Patroni(PatroniAction::KeepAside { .. }) => facts.datadir.is_blank(),
        Action::Host(HostAction::PutFile(_) | HostAction::TryFile(_))
        | Action::Etcd(
            EtcdAction::Verify { .. }
            | EtcdAction::Add { .. }
            | EtcdAction::Promote { .. }
            | EtcdAction::Remove { .. }
            | EtcdAction::Forget { .. },
        )
        | Action::Patroni(
            PatroniAction::Found { .. }
            | PatroniAction::TakeOver { .. }
            | PatroniAction::FoundFrom { .. }
            | PatroniAction::Accounts
            | PatroniAction::StartFirst { .. }
            | PatroniAction::Synchronous { .. }
            | PatroniAction::Join { .. }
            | PatroniAction::VerifyMembers { .. }
            | PatroniAction::Switchover { .. }
            | PatroniAction::NoRewind
            | PatroniAction::Failover { .. }
            | PatroniAction::Restart { .. }
            | PatroniAction::Reload { .. }
            | PatroniAction::Configure { .. }
            | PatroniAction::VerifySettings { .. }
            | PatroniAction::VerifyWrites { .. },
        )
        | Action::Proxy(_)
        | Action::Keepalived(_) => false,
    }
}
