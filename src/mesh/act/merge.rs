//! Merge functions of a database.

use super::Context;
use super::psql::run_for;
use crate::kernel::model::NodeName;
use crate::kernel::run::Outcome;
use crate::mesh::model::{DatabaseName, Merge};
use crate::mesh::statements::merging;

/// A trigger waits for whoever writes to its table.
const PATIENCE: std::time::Duration = std::time::Duration::from_secs(300);

pub async fn apply(context: &Context, node: &NodeName, database: &DatabaseName, merges: &[Merge]) -> Outcome {
    let statements = format!("BEGIN;\n{}COMMIT;\n", merging(merges));
    run_for(context, node, database.as_str(), &statements, PATIENCE).await?;
    Ok(None)
}
