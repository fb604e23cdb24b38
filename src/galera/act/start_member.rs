//! Beginning the start of a server that is to find its cluster.

use super::disarm::disarmed;
use crate::kernel::model::UnitName;
use crate::kernel::run::step_error::StepError;
use crate::kernel::transport::{Host, RemoteCommand};

/// `--no-block`, because a start lasts as long as the state transfer, or waits for other nodes.
const SCRIPT: &str = r#"
systemctl reset-failed "$1.service" 2>/dev/null
systemctl start --no-block "$1.service"
"#;

/// Errors: a bootstrap intent is set there, with which it would found a cluster of its own.
pub async fn start_member(host: &Host, unit: &UnitName) -> Result<(), StepError> {
    disarmed(host).await?;
    host.succeed(RemoteCommand::act(SCRIPT, [unit.as_str()])).await?;
    Ok(())
}
