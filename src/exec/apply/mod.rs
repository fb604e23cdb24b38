//! The only place that acts on hosts: one arm for each [`Action`], one file for each arm.

mod arbitrator;
mod await_donors;
mod clear_transfer;
mod disarm;
mod drain;
mod enable;
mod forget;
mod install;
mod join;
mod keep_aside;
mod leave;
mod mark_safe;
mod mask;
pub(super) mod new_cluster;
mod put_file;
mod record;
mod recover_position;
mod reform;
mod restart_cluster;
mod restore_primary;
mod set_variables;
mod shell;
mod sst_account;
mod start_member;
mod stop;
mod verify_stopped;
mod verify_views;
mod verify_writes;

use std::sync::Arc;

use super::context::Context;
use super::step_error::StepError;
use crate::plan::{Action, Step};

/// What a step has to tell beyond "done".
pub(super) type Outcome = Result<Option<String>, StepError>;

/// Does what the step says, and no more.
pub async fn apply(context: &Arc<Context>, step: &Step) -> Outcome {
    let node = &step.node;
    match &step.action {
        Action::InstallPackages { packages, unit, provider } => {
            install::apply(context, node, packages, unit, provider).await
        }
        Action::Disarm { intents } => disarm::apply(context, node, intents).await,
        Action::StopServer { unit } => stop::outsider(context, node, unit).await,
        Action::ClearTransfer { datadir } => clear_transfer::apply(context, node, datadir).await,
        Action::PutFile(file) => put_file::apply(context, node, file).await,
        Action::TryFile(file) => put_file::attempt(context, node, file).await,
        Action::SetVariables { settings } => set_variables::apply(context, node, settings).await,
        Action::NewCluster { unit, state } => new_cluster::apply(context, node, unit, state.as_ref()).await,
        Action::SstAccount { user, privileges, password } => {
            sst_account::apply(context, node, user, privileges, *password).await
        }
        Action::Join { unit, source, patience_seconds, after } => {
            let expected = join::Expected { source, patience_seconds: *patience_seconds, after };
            join::apply(context, step, unit, expected).await
        }
        Action::AwaitDonors { nodes, patience_seconds } => {
            await_donors::apply(context, step, nodes, *patience_seconds).await
        }
        Action::Leave { unit, nodes, most_members, ist_only } => {
            leave::apply(context, node, unit, nodes, *most_members, *ist_only).await
        }
        Action::Drain { seconds } => drain::apply(context, node, *seconds).await,
        Action::Mask { unit, state } => mask::apply(context, node, unit, state).await,
        Action::Unmask { unit } => mask::undo(context, node, unit).await,
        Action::VerifyStopped { others } => verify_stopped::apply(context, node, others).await,
        Action::RestorePrimary { state, nodes } => restore_primary::apply(context, node, state, nodes).await,
        Action::Reform { unit, nodes, state, patience_seconds } => {
            let expected = reform::Expected { nodes, state, patience_seconds: *patience_seconds };
            reform::apply(context, step, unit, expected).await
        }
        Action::MarkSafe { datadir, state, seqno } => {
            mark_safe::apply(context, node, datadir, state, *seqno).await
        }
        Action::RestartCluster { unit, position, unseen } => {
            restart_cluster::apply(context, node, unit, position, unseen).await
        }
        Action::Forget { datadir, files } => forget::apply(context, node, datadir, files).await,
        Action::KeepAside { datadir, kept } => keep_aside::apply(context, node, datadir, kept).await,
        Action::RecoverPosition { source, restarts } => {
            recover_position::apply(context, node, source, restarts).await
        }
        Action::EnableUnit { unit } => enable::apply(context, node, unit).await,
        Action::InstallArbitrator { package } => arbitrator::install(context, node, package).await,
        Action::StartArbitrator { nodes, most_members, again } => {
            arbitrator::start(context, node, nodes, *most_members, *again).await
        }
        Action::StopArbitrator { for_good } => arbitrator::stop(context, node, *for_good).await,
        Action::VerifyViews { nodes, most_members } => {
            verify_views::apply(context, nodes, *most_members).await
        }
        Action::VerifyWrites { nodes } => verify_writes::apply(context, nodes).await,
    }
}
