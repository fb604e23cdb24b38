//! Nodes read again at once from one that is back.

use super::Context;
use super::psql::run;
use super::reserve::databases;
use crate::kernel::model::NodeName;
use crate::kernel::run::Outcome;
use crate::mesh::model::Method;
use crate::mesh::plan::Step;

/// Subscriptions that are on, and whose worker waits before it tries again. Native ones try every five seconds anyway.
const AGAIN: &str = r"
SELECT format('SELECT pglogical.alter_subscription_disable(%L, true)', subscription_name),
    format('SELECT pglogical.alter_subscription_enable(%L, true)', subscription_name)
FROM pglogical.show_subscription_status() WHERE status = 'down' \gexec
";

pub async fn apply(context: &Context, step: &Step, others: &[NodeName]) -> Outcome {
    if context.inventory.method != Method::Pglogical {
        return Ok(None);
    }
    for database in &databases(context) {
        for node in others.iter().chain([&step.node]) {
            run(context, node, database.as_str(), AGAIN).await?;
        }
    }
    Ok(None)
}
