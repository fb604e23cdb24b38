//! Replication that waits before it tries again does so at once.

use super::Context;
use super::psql::run;
use crate::kernel::model::NodeName;
use crate::kernel::run::step_error::StepError;
use crate::mesh::model::{DatabaseName, Method};

/// Subscriptions that are on, and whose worker waits before it tries again.
const AGAIN: &str = r"
SELECT format('SELECT pglogical.alter_subscription_disable(%L, true)', subscription_name),
    format('SELECT pglogical.alter_subscription_enable(%L, true)', subscription_name)
FROM pglogical.show_subscription_status() WHERE status = 'down' \gexec
";

/// Of one node, in one database. pglogical may wait for three minutes; native replication tries every five seconds anyway.
pub async fn again(context: &Context, node: &NodeName, database: &DatabaseName) -> Result<(), StepError> {
    if context.inventory.method == Method::Pglogical {
        run(context, node, database.as_str(), AGAIN).await?;
    }
    Ok(())
}
