//! The server of a copy that has not become a node yet: nobody reaches it, and it reads from nobody.

use std::time::Duration;

use super::Context;
use crate::kernel::model::NodeName;
use crate::kernel::run::step_error::StepError;
use crate::kernel::transport::RemoteCommand;
use crate::postgresql::Major;

/// $1 version, $2 port. The copy ends its recovery at once, where it is consistent, and begins a timeline of its own.
///
/// With pglogical loaded, or with workers of native replication, it would take the source for itself and read from the
/// source's own slots.
const START: &str = r#"
set -eu
cd /
data=/var/lib/postgresql/$1/main
settings=/etc/postgresql/$1/main
[ -f "$data/galactl.joining" ] || { echo "$data is not a copy that galactl has made" >&2; exit 1; }
runuser -u postgres -- "/usr/lib/postgresql/$1/bin/pg_ctl" --pgdata="$data" --wait --timeout=3600 --silent \
    --log="/var/log/postgresql/postgresql-$1-main.log" start --options="
        -c config_file=$settings/postgresql.conf -c hba_file=$settings/pg_hba.conf -c port=$2 -c listen_addresses=
        -c shared_preload_libraries= -c max_logical_replication_workers=0 -c restore_command=false
        -c recovery_target=immediate -c recovery_target_action=promote" >/dev/null 2>&1 </dev/null ||
    { tail -n 8 "/var/log/postgresql/postgresql-$1-main.log" >&2; exit 1; }
"#;

/// $1 version.
const STOP: &str = r#"
cd /
runuser -u postgres -- "/usr/lib/postgresql/$1/bin/pg_ctl" --pgdata="/var/lib/postgresql/$1/main" --mode=fast --wait --silent stop
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
