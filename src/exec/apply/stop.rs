//! Stopping a server, and seeing it gone.

use std::time::Duration;

use super::shell::list_servers;
use super::{Context, Outcome};
use crate::model::{NodeName, UnitName};
use crate::transport::RemoteCommand;

/// The packages' units give a server 900 s to write out its pages.
const DEADLINE: Duration = Duration::from_secs(960);
/// A server that waits for its cluster does not hear SIGTERM (seen on MariaDB 10.11). It has never
/// been up, so that all it holds is on its disk, and SIGKILL loses nothing.
const SCRIPT: &str = concat!(
    r#"
state() { systemctl show "$1.service" --property=ActiveState --value; }
never_up=
[ "$(state "$1")" != activating ] || never_up=yes
systemctl stop --no-block "$1.service" || exit
waited=0
while case $(state "$1") in inactive | failed) false ;; esac do
    waited=$((waited + 1))
    if [ "$never_up" ] && [ "$waited" -eq 20 ]; then
        systemctl kill --signal=KILL "$1.service"
    fi
    sleep 1
done
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
