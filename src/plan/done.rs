//! Whether an act's effect is there already, as far as one look at the host can tell.

use super::Action;
use crate::facts::HostFacts;
use crate::model::sha256;

/// True when doing it again would do nothing, or harm. False also where a look cannot tell, which
/// is so only of acts that may be repeated.
pub fn done(action: &Action, facts: &HostFacts) -> bool {
    match action {
        Action::InstallPackages { provider, .. } => {
            facts.server.is_some() && facts.providers.contains(provider) && !facts.server_runs()
        }
        Action::Disarm { .. } => facts.intents.is_empty(),
        Action::StopServer { .. } | Action::Leave { .. } => !facts.server_runs(),
        // A second time the copy that is kept would no longer be the previous file.
        Action::PutFile(file) => facts.config.as_ref().is_some_and(|config| {
            sha256(&config.text) == file.sha256
                && (&config.mode, &config.owner, &config.group) == (&file.mode, &file.owner, &file.group)
        }),
        Action::NewCluster { .. } | Action::RestorePrimary { .. } | Action::RestartCluster { .. } => {
            facts.is_primary()
        }
        Action::EnableUnit { .. } => facts.unit.is_enabled(),
        Action::Mask { .. } => facts.removed().is_some(),
        Action::Unmask { .. } => facts.removal.is_none() && !facts.unit.is_masked(),
        // A second time there would be nothing left to keep.
        Action::KeepAside { .. } => facts.datadir.exists && !facts.datadir.initialised,
        // Arbitrators have no facts of this kind, and all that is done to them may be repeated.
        Action::InstallArbitrator { .. }
        | Action::StartArbitrator { .. }
        | Action::StopArbitrator { .. }
        | Action::ClearTransfer { .. }
        | Action::Forget { .. }
        | Action::MarkSafe { .. }
        | Action::Reform { .. }
        | Action::TryFile(_)
        | Action::SetVariables { .. }
        | Action::SstAccount { .. }
        | Action::Join { .. }
        | Action::AwaitDonors { .. }
        | Action::RecoverPosition { .. }
        | Action::Drain { .. }
        | Action::VerifyStopped { .. }
        | Action::VerifyViews { .. }
        | Action::VerifyWrites { .. } => false,
    }
}
