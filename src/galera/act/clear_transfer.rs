//! Removing what an unfinished state transfer has left.

use std::time::Duration;

use super::shell::stopped_server;
use super::{Context, Outcome};
use crate::kernel::model::NodeName;
use crate::kernel::transport::RemoteCommand;

const DEADLINE: Duration = Duration::from_secs(300);

/// $1 data directory. What was seen when the plan was made is seen once more: no server, and no
/// state UUID but zeros.
const SCRIPT: &str = concat!(
    stopped_server!(),
    r#"
if grep -qsE '^uuid: *[0-9a-f-]*[1-9a-f]' "$1/grastate.dat"; then
    echo "$1/grastate.dat names a state: this is not what an unfinished state transfer leaves" >&2
    exit 1
fi
find "$1/" -mindepth 1 -maxdepth 1 ! -name lost+found -exec rm -rf -- {} +
"#
);

pub async fn apply(context: &Context, node: &NodeName, datadir: &str) -> Outcome {
    let command = RemoteCommand::act(SCRIPT, [datadir]).deadline(DEADLINE);
    context.host(node)?.succeed(command).await?;
    Ok(None)
}
