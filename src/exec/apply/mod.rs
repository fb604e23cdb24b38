//! The only place that acts on hosts: one arm for each [`Action`], one file for each arm.

mod disarm;
mod enable;
mod install;
mod join;
mod new_cluster;
mod put_file;
mod recover_position;
mod shell;
mod sst_account;
mod stop;
mod verify_views;
mod verify_writes;

use std::sync::Arc;

use super::context::Context;
use super::step_error::StepError;
use crate::plan::{Action, Step};

/// What a step has to tell beyond "done".
type Outcome = Result<Option<String>, StepError>;

/// Does what the step says, and no more.
pub async fn apply(context: &Arc<Context>, step: &Step) -> Outcome {
    let node = &step.node;
    match &step.action {
        Action::InstallPackages { packages, unit, provider } => {
            install::apply(context, node, packages, unit, provider).await
        }
        Action::Disarm { intents } => disarm::apply(context, node, intents).await,
        Action::StopServer { unit } => stop::apply(context, node, unit).await,
        Action::PutFile(file) => put_file::apply(context, node, file).await,
        Action::NewCluster { unit } => new_cluster::apply(context, node, unit).await,
        Action::SstAccount { user, privileges, password } => {
            sst_account::apply(context, node, user, privileges, *password).await
        }
        Action::Join { unit, source, patience_seconds, data_bytes } => {
            let expected =
                join::Expected { source, data_bytes: *data_bytes, patience_seconds: *patience_seconds };
            join::apply(context, step, unit, expected).await
        }
        Action::RecoverPosition { source } => recover_position::apply(context, node, source).await,
        Action::EnableUnit { unit } => enable::apply(context, node, unit).await,
        Action::VerifyViews { nodes, most_members } => {
            verify_views::apply(context, nodes, *most_members).await
        }
        Action::VerifyWrites { nodes } => verify_writes::apply(context, nodes).await,
    }
}
