//! Starting the unit at boot from now on.

use super::{Context, Outcome};
use crate::model::{NodeName, UnitName};
use crate::transport::RemoteCommand;

const SCRIPT: &str = r#"systemctl --quiet enable "$1.service" && systemctl --quiet is-enabled "$1.service""#;

pub async fn apply(context: &Context, node: &NodeName, unit: &UnitName) -> Outcome {
    context.host(node)?.succeed(RemoteCommand::act(SCRIPT, [unit.as_str()])).await?;
    Ok(None)
}
