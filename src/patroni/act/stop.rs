//! Ending what works on a node's data, and moving data away.

use std::time::Duration;

use super::Context;
use crate::kernel::model::NodeName;
use crate::kernel::run::Outcome;
use crate::kernel::transport::RemoteCommand;

/// $1 the data directory. Patroni stops its server when it is asked to end, unless it is paused; a server that was left
/// behind is stopped after it. SIGTERM to the postmaster would wait for clients, so it is a fast shutdown.
const STOP: &str = r#"
systemctl stop patroni.service || exit
cd /
pid=$(head -n 1 "$1/postmaster.pid" 2>/dev/null)
if [ -n "$pid" ] && [ "$(readlink "/proc/$pid/cwd")" = "$(readlink -f "$1")" ]; then
    version=$(cat "$1/PG_VERSION") || exit
    timeout 240 runuser -u postgres -- "/usr/lib/postgresql/$version/bin/pg_ctl" stop -s -w -t 230 -m fast -D "$1" || exit
fi
pids=$(pgrep -x patroni) && { echo "a Patroni outside of its unit runs on (process $pids)" >&2; exit 1; }
exit 0
"#;

/// $1 from, $2 to, $3 the unit that must not run. A rename within one file system, or nothing.
const MOVE: &str = r#"
[ -e "$1" ] || exit 0
[ ! -e "$2" ] || { echo "$2 is there already" >&2; exit 1; }
for unit in $3; do
    # One that ends again and again is about to be started, and is not "active".
    case $(systemctl show "$unit.service" --property=ActiveState --value) in inactive | failed) ;; *)
        echo "$unit.service runs, or is about to" >&2
        exit 1
        ;;
    esac
done
pid=$(head -n 1 "$1/postmaster.pid" 2>/dev/null)
if [ -n "$pid" ] && [ "$(readlink "/proc/$pid/cwd")" = "$(readlink -f "$1")" ]; then
    echo "a server runs on $1 (process $pid)" >&2
    exit 1
fi
mv -T "$1" "$2" && sync -f "$(dirname "$2")"
"#;

const DEADLINE: Duration = Duration::from_secs(300);

/// Stops Patroni, and the server of the data directory with it.
/// The same, and it does not start at boot any more.
pub async fn leave(context: &Context, node: &NodeName, datadir: &str) -> Outcome {
    let disable = RemoteCommand::act("systemctl --quiet disable patroni.service", [""; 0]);
    context.host(node)?.succeed(disable).await?;
    stop(context, node, datadir).await
}

pub async fn stop(context: &Context, node: &NodeName, datadir: &str) -> Outcome {
    context.host(node)?.succeed(RemoteCommand::act(STOP, [datadir]).deadline(DEADLINE)).await?;
    Ok(None)
}

/// Moves a directory away while `unit` does not run.
pub async fn keep_aside(context: &Context, node: &NodeName, [from, to, unit]: [&str; 3]) -> Outcome {
    context.host(node)?.succeed(RemoteCommand::act(MOVE, [from, to, unit])).await?;
    Ok(Some(format!("kept in {to}")))
}
