//! The proof that every node reads from every other one, in each database.

use std::sync::Arc;

use super::Context;
use super::follow::await_reading;
use super::reserve::databases;
use crate::kernel::model::NodeName;
use crate::kernel::run::Outcome;
use crate::mesh::plan::Step;

pub async fn apply(context: &Arc<Context>, step: &Step, nodes: &[NodeName]) -> Outcome {
    let nodes = context.nodes(nodes)?;
    for database in &databases(context) {
        for subscriber in &nodes {
            let providers = nodes.iter().filter(|it| it.name != subscriber.name);
            let links = providers.map(|provider| (*subscriber, *provider)).collect();
            await_reading(context, step, database, links).await?;
        }
    }
    Ok(None)
}
