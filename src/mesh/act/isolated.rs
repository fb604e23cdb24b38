//! The server of a copy that has not become a node yet: nobody reaches it, and it reads from nobody.

use std::time::Duration;

use super::Context;
use crate::kernel::model::NodeName;
use crate::kernel::run::step_error::StepError;
use crate::kernel::transport::RemoteCommand;
use crate::postgresql::Major;

/// The settings of a copy that is no node yet. They stand in its postgresql.auto.conf, so they hold whoever starts it: a host
/// that boots meanwhile does, too.
///
/// With pglogical loaded, or with workers of native replication, it would take itself for the source and read from the source's
/// own slots. It ends its recovery where it is consistent, and begins a timeline of its own. A standby that lets nobody in needs
/// no room for as many sessions as the source has.
pub const ISOLATED: &str = "listen_addresses = ''
shared_preload_libraries = ''
max_logical_replication_workers = 0
hot_standby = off
restore_command = 'false'
recovery_target = 'immediate'
recovery_target_action = 'promote'";

/// $1 version, $2 port. It is a unit of its own, so that it outlives the step that starts it and holds nothing of it.
const START: &str = r#"
set -eu
data=/var/lib/postgresql/$1/main
[ -f "$data/galactl.joining" ] || { echo "$data is not a copy that galactl has made" >&2; exit 1; }
systemctl stop galactl-mesh-isolated.service 2>/dev/null || :
systemctl reset-failed galactl-mesh-isolated.service 2>/dev/null || :
systemd-run --quiet --unit=galactl-mesh-isolated --uid=postgres --gid=postgres --service-type=notify \
    --property=TimeoutStartSec=infinity --property=TimeoutStopSec=infinity --property=KillMode=mixed --property=KillSignal=SIGINT \
    "/usr/lib/postgresql/$1/bin/postgres" -D "$data" -c "config_file=/etc/postgresql/$1/main/postgresql.conf" -c "port=$2" ||
    { journalctl --unit=galactl-mesh-isolated.service --no-pager --output=cat --lines=8 >&2; exit 1; }
"#;

/// $1 version. From here on it is started as a node.
const STOP: &str = r#"
set -eu
data=/var/lib/postgresql/$1/main
systemctl stop galactl-mesh-isolated.service
[ ! -f "$data/postmaster.pid" ] || { echo "the server of the copy still runs" >&2; exit 1; }
: > "$data/postgresql.auto.conf"
sync "$data/postgresql.auto.conf"
"#;

const DEADLINE: Duration = Duration::from_secs(3700);

pub async fn start(context: &Context, node: &NodeName, version: Major) -> Result<(), StepError> {
    let arguments = [version.to_string(), context.inventory.port.to_string()];
    context.host(node)?.succeed(RemoteCommand::act(START, arguments).deadline(DEADLINE)).await?;
    Ok(())
}

pub async fn stop(context: &Context, node: &NodeName, version: Major) -> Result<(), StepError> {
    context.host(node)?.succeed(RemoteCommand::act(STOP, [version.to_string()]).deadline(DEADLINE)).await?;
    Ok(())
}
