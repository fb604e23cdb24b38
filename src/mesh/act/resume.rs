//! Nodes read again at once from one that is back.

use super::Context;
use super::again::again;
use super::reserve::databases;
use crate::kernel::model::NodeName;
use crate::kernel::run::Outcome;
use crate::mesh::plan::Step;

pub async fn apply(context: &Context, step: &Step, others: &[NodeName]) -> Outcome {
    for database in &databases(context) {
        for node in others.iter().chain([&step.node]) {
            again(context, node, database).await?;
        }
    }
    Ok(None)
}
