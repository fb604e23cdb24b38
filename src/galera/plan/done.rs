//! Whether an act's effect is there already, as far as one look at the host can tell.

use super::{Action, ServerAction};
use crate::galera::facts::HostFacts;
use crate::kernel::plan::HostAction;

/// True when doing it again would do nothing, or harm. False also where a look cannot tell, which
/// is so only of acts that may be repeated.
pub fn done(action: &Action, facts: &HostFacts) -> bool {
    match action {
        Action::Host(action) => on_host(action, facts),
        Action::Server(action) => on_server(action, facts),
        // All that is done to other roles may be repeated.
        Action::Garbd(_)
        | Action::Health(_)
        | Action::Proxy(_)
        | Action::Tls(_)
        | Action::Keepalived(_)
        | Action::Monitoring(_) => false,
    }
}

fn on_host(action: &HostAction, facts: &HostFacts) -> bool {
    match action {
        // A second time the copy that is kept would no longer be the previous file.
        HostAction::PutFile(file) => facts.config.as_ref().is_some_and(|there| file.is_in_place(there)),
        HostAction::EnableUnit { .. } => facts.unit.is_enabled(),
        HostAction::DisableUnit { .. } => !facts.unit.is_enabled(),
        HostAction::TryFile(_) | HostAction::InstallPackages { .. } => false,
    }
}

fn on_server(action: &ServerAction, facts: &HostFacts) -> bool {
    match action {
        ServerAction::InstallPackages { provider, .. } => {
            facts.server.is_some() && facts.providers.contains(provider) && !facts.server_runs()
        }
        ServerAction::Disarm { .. } => facts.intents.is_empty(),
        ServerAction::StopServer { .. } | ServerAction::Leave { .. } => !facts.server_runs(),
        ServerAction::NewCluster { .. } | ServerAction::RestartCluster { .. } => facts.is_primary(),
        // It may be Primary, and a donor to nobody, which nobody can join.
        ServerAction::RestorePrimary { .. } => {
            facts.live().is_some_and(|live| live.is_primary() && live.ready)
        }
        ServerAction::Mask { .. } => facts.removed().is_some(),
        ServerAction::Unmask { .. } => facts.removal.is_none() && !facts.unit.is_masked(),
        // A second time there would be nothing left to keep.
        ServerAction::KeepAside { .. } => facts.datadir.exists && !facts.datadir.initialised,
        ServerAction::ClearTransfer { .. }
        | ServerAction::Forget { .. }
        | ServerAction::MarkSafe { .. }
        | ServerAction::Reform { .. }
        | ServerAction::SetVariables { .. }
        | ServerAction::SstAccount { .. }
        | ServerAction::Join { .. }
        | ServerAction::AwaitDonors { .. }
        | ServerAction::RecoverPosition { .. }
        | ServerAction::Drain { .. }
        | ServerAction::VerifyStopped { .. }
        | ServerAction::AlterTable { .. }
        | ServerAction::AlterAlone { .. }
        | ServerAction::VerifyTable { .. }
        | ServerAction::VerifyViews { .. }
        | ServerAction::VerifyWrites { .. } => false,
    }
}
