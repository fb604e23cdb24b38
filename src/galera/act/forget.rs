//! Putting files of Galera's own aside, so that a node joins as one that never was there.

use super::shell::stopped_server;
use super::{Context, Outcome};
use crate::kernel::model::NodeName;
use crate::kernel::transport::RemoteCommand;

/// $1 data directory, $2.. files in it.
const SCRIPT: &str = concat!(
    stopped_server!(),
    r#"
cd -- "$1"
shift
for file in "$@"; do
    case $file in
    grastate.dat | gvwstate.dat) [ ! -e "$file" ] || mv -- "$file" "$file.before-recovery" ;;
    # Write-sets that the data has already; beside a copy, the disk might not take a new one.
    galera.cache) rm -f -- "$file" ;;
    *)
        echo "$file is no file of Galera's" >&2
        exit 1
        ;;
    esac
done
sync .
"#
);

pub async fn apply(context: &Context, node: &NodeName, datadir: &str, files: &[String]) -> Outcome {
    let words = std::iter::once(datadir.to_owned()).chain(files.iter().cloned());
    context.host(node)?.succeed(RemoteCommand::act(SCRIPT, words)).await?;
    Ok(None)
}
