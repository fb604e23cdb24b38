//! Beginning the start of a server that is to find its cluster.

use super::Context;
use super::disarm::disarmed;
use super::next_start::would_be_in_its_cluster;
use crate::kernel::model::{NodeName, UnitName};
use crate::kernel::run::step_error::StepError;
use crate::kernel::transport::RemoteCommand;

/// `--no-block`, because a start lasts as long as the state transfer, or waits for other nodes.
const SCRIPT: &str = r#"
systemctl reset-failed "$1.service" 2>/dev/null
systemctl start --no-block "$1.service"
"#;

/// Errors: a bootstrap intent is set there, with which it would bootstrap a cluster of its own; or it would start outside
/// the cluster.
pub async fn start_member(context: &Context, node: &NodeName, unit: &UnitName) -> Result<(), StepError> {
    let host = context.host(node)?;
    would_be_in_its_cluster(context, node, unit).await?;
    disarmed(&host).await?;
    host.succeed(RemoteCommand::act(SCRIPT, [unit.as_str()])).await?;
    Ok(())
}
