//! A node that leaves gives its last changes to those that stay. No client is on it any more.

use std::sync::Arc;

use super::Context;
use super::psql::run;
use super::reserve::Arrived;
use crate::kernel::model::NodeName;
use crate::kernel::random;
use crate::kernel::run::Outcome;
use crate::mesh::model::DatabaseName;
use crate::mesh::plan::Step;
use crate::mesh::statements::token;

/// Changes come in the order of their commits, so whoever has the row has all that was committed before.
pub async fn apply(
    context: &Arc<Context>,
    step: &Step,
    members: &[NodeName],
    databases: &[DatabaseName],
) -> Outcome {
    for database in databases {
        let mark = random::id();
        run(context, &step.node, database.as_str(), &token(step.node.as_str(), &mark)).await?;
        for at in members {
            Arrived { context, at, from: &step.node, database, mark: &mark }.wait(step).await?;
        }
    }
    Ok(None)
}
