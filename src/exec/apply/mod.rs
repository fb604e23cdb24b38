//! The only place that acts on hosts: one arm for each [`Action`], one file for each arm.

mod disarm;
mod enable;
mod install;
mod join;
mod new_cluster;
mod put_file;
mod sst_account;
mod stop;
mod verify_views;
mod verify_writes;

use std::sync::Arc;

use super::run::Executor;
use super::step_error::StepError;
use crate::plan::{Action, Step};

/// What a step has to tell beyond "done".
type Outcome = Result<Option<String>, StepError>;

/// Does what the step says, and no more.
pub async fn apply(executor: &Arc<Executor>, step: &Step) -> Outcome {
    let node = &step.node;
    match &step.action {
        Action::InstallPackages { packages, unit, provider } => {
            install::apply(executor, node, packages, unit, provider).await
        }
        Action::Disarm { intents } => disarm::apply(executor, node, intents).await,
        Action::StopServer { unit } => stop::apply(executor, node, unit).await,
        Action::PutFile(file) => put_file::apply(executor, node, file).await,
        Action::NewCluster { unit } => new_cluster::apply(executor, node, unit).await,
        Action::SstAccount { user, privileges, password } => {
            sst_account::apply(executor, node, user, privileges, *password).await
        }
        Action::Join { unit, patience_seconds, data_bytes } => {
            join::apply(executor, step, unit, *patience_seconds, *data_bytes).await
        }
        Action::EnableUnit { unit } => enable::apply(executor, node, unit).await,
        Action::VerifyViews { nodes, most_members } => {
            verify_views::apply(executor, nodes, *most_members).await
        }
        Action::VerifyWrites { nodes } => verify_writes::apply(executor, nodes).await,
    }
}
