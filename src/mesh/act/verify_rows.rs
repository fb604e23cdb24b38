//! A row that is written on each node and read on all others, in each database.

use std::sync::Arc;

use super::Context;
use super::psql::run;
use super::reserve::{Arrived, databases};
use crate::kernel::model::NodeName;
use crate::kernel::random;
use crate::kernel::run::Outcome;
use crate::mesh::plan::Step;
use crate::mesh::statements::token;

pub async fn apply(context: &Arc<Context>, step: &Step, nodes: &[NodeName]) -> Outcome {
    for database in &databases(context) {
        let mark = random::id();
        for node in nodes {
            run(context, node, database.as_str(), &token(node.as_str(), &mark)).await?;
        }
        for from in nodes {
            for at in nodes {
                Arrived { context, at, from, database, mark: &mark }.wait(step).await?;
            }
        }
    }
    Ok(None)
}
