//! The only place that acts on data nodes: one arm for each [`ServerAction`], one file for each arm.

mod acting;
mod alter_alone;
mod alter_table;
mod await_donors;
mod clear_transfer;
mod context;
mod disarm;
mod drain;
mod forget;
mod install;
mod join;
mod keep_aside;
mod leave;
mod links;
pub mod logs;
mod mark_safe;
mod mask;
mod new_cluster;
mod next_start;
mod no_pt_osc;
mod record;
mod recover_position;
mod reform;
mod restart_cluster;
mod restore_primary;
mod set_variables;
mod settle;
mod shell;
mod sst_account;
mod start_member;
mod stop;
mod verify_stopped;
mod verify_table;
mod verify_views;
mod verify_writes;
mod views;

use std::sync::Arc;

pub use context::{Context, Place};
pub use join::Entrance;
pub use sst_account::identified_by;
pub use verify_views::apply as verify_views;
pub use verify_writes::remove_leftovers;
pub use views::views;

use crate::galera::alter::Way;
use crate::galera::plan::{ServerAction, Step};
use crate::kernel::run::Outcome;

/// Does what the step says to its data node, and no more.
pub(super) async fn on_server(context: &Arc<Context>, step: &Step, action: &ServerAction) -> Outcome {
    let node = &step.node;
    match action {
        ServerAction::InstallPackages { packages, unit, provider } => {
            install::apply(context, node, packages, unit, provider).await
        }
        ServerAction::Disarm { intents } => disarm::apply(context, node, intents).await,
        ServerAction::StopServer { unit } => stop::outsider(context, node, unit).await,
        ServerAction::ClearTransfer { datadir } => clear_transfer::apply(context, node, datadir).await,
        ServerAction::SetVariables { settings } => set_variables::apply(context, node, settings).await,
        ServerAction::NewCluster { unit, state } => {
            new_cluster::apply(context, node, unit, state.as_ref()).await
        }
        ServerAction::SstAccount { user, privileges, password } => {
            sst_account::apply(context, node, user, privileges, password).await
        }
        ServerAction::Join { unit, source, patience_seconds, after, switching } => {
            let (patience_seconds, switching) = (*patience_seconds, *switching);
            let expected = join::Expected { source, patience_seconds, after, switching };
            join::apply(context, step, unit, expected).await
        }
        ServerAction::AwaitDonors { nodes, patience_seconds } => {
            await_donors::apply(context, step, nodes, *patience_seconds).await
        }
        ServerAction::Leave { unit, nodes, most_members, ist_only } => {
            leave::apply(context, node, unit, nodes, *most_members, *ist_only).await
        }
        ServerAction::Drain { seconds } => drain::apply(context, node, *seconds).await,
        ServerAction::Mask { unit, state } => mask::apply(context, node, unit, state).await,
        ServerAction::Unmask { unit } => mask::undo(context, node, unit).await,
        ServerAction::VerifyStopped { others } => verify_stopped::apply(context, node, others).await,
        ServerAction::RestorePrimary { state, nodes } => {
            restore_primary::apply(context, step, state, nodes).await
        }
        ServerAction::Reform { unit, nodes, state, patience_seconds } => {
            let expected = reform::Expected { nodes, state, patience_seconds: *patience_seconds };
            reform::apply(context, step, unit, expected).await
        }
        ServerAction::MarkSafe { datadir, state, seqno } => {
            mark_safe::apply(context, node, datadir, state, *seqno).await
        }
        ServerAction::RestartCluster { unit, position, unseen } => {
            restart_cluster::apply(context, node, unit, position, unseen).await
        }
        ServerAction::Forget { datadir, files } => forget::apply(context, node, datadir, files).await,
        ServerAction::KeepAside { datadir, kept } => keep_aside::apply(context, node, datadir, kept).await,
        ServerAction::RecoverPosition { source, restarts } => {
            recover_position::apply(context, node, source, restarts).await
        }
        ServerAction::AlterTable { table, change, algorithm, before, after, by, longest_stall_ms } => {
            let again = alter_table::as_typed(table, change, *by, *longest_stall_ms);
            let work = alter_table::Work { table, change, algorithm: *algorithm, before, after, again };
            alter_table::apply(context, step, &work).await
        }
        ServerAction::AlterAlone { table, change, algorithm, before, after } => {
            let again = alter_table::again(table, change, Way::Rsu);
            let work = alter_table::Work { table, change, algorithm: *algorithm, before, after, again };
            alter_alone::apply(context, step, &work).await
        }
        ServerAction::VerifyTable { table, after, nodes } => {
            verify_table::apply(context, step, table, after, nodes).await
        }
        ServerAction::VerifyViews { nodes, most_members } => {
            verify_views::apply(context, nodes, *most_members).await
        }
        ServerAction::VerifyWrites { nodes } => verify_writes::apply(context, nodes).await,
    }
}
