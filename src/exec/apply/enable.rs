//! Starting the unit at boot from now on.

use super::{Executor, Outcome};
use crate::model::{NodeName, UnitName};
use crate::transport::RemoteCommand;

const SCRIPT: &str = r#"systemctl --quiet enable "$1.service" && systemctl --quiet is-enabled "$1.service""#;

pub async fn apply(executor: &Executor, node: &NodeName, unit: &UnitName) -> Outcome {
    executor.host(node)?.succeed(RemoteCommand::new(SCRIPT, [unit.as_str()])).await?;
    Ok(None)
}
