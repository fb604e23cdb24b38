//! Stopping a server, and seeing it gone.

use std::time::Duration;

use super::shell::list_servers;
use super::{Context, Outcome};
use crate::model::{NodeName, UnitName};
use crate::transport::RemoteCommand;

/// The packages' units give a server 900 s to write out its pages.
const DEADLINE: Duration = Duration::from_secs(960);
const SCRIPT: &str = concat!(
    r#"
systemctl stop "$1.service" || exit
systemctl reset-failed "$1.service" 2>/dev/null
if "#,
    list_servers!(),
    r#" >&2; then
    echo "a server process is still there" >&2
    exit 1
fi
"#
);

pub async fn apply(context: &Context, node: &NodeName, unit: &UnitName) -> Outcome {
    let command = RemoteCommand::act(SCRIPT, [unit.as_str()]).deadline(DEADLINE);
    context.host(node)?.succeed(command).await?;
    Ok(None)
}
