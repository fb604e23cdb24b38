//! Keeping data that a forced choice would overwrite.

use super::shell::stopped_server;
use super::{Context, Outcome};
use crate::kernel::model::NodeName;
use crate::kernel::transport::RemoteCommand;

/// $1 data directory, $2 its new name. The empty one is made before, so that there is a data
/// directory at almost any moment.
const SCRIPT: &str = concat!(
    stopped_server!(),
    r#"
data=$(readlink -f -- "$1")
if [ -e "$2" ]; then
    echo "$2 is there already" >&2
    exit 1
fi
rm -rf -- "$2.empty"
mkdir -- "$2.empty"
chown --reference="$data" -- "$2.empty"
chmod --reference="$data" -- "$2.empty"
mv -T -- "$data" "$2"
mv -T -- "$2.empty" "$data"
sync "$data"
"#
);

pub async fn apply(context: &Context, node: &NodeName, datadir: &str, kept: &str) -> Outcome {
    context.host(node)?.succeed(RemoteCommand::act(SCRIPT, [datadir, kept])).await?;
    Ok(Some(format!("its data is kept in {kept}")))
}
