//! Ending what works on a node's data, and moving data away.

use std::time::Duration;

use super::Context;
use crate::kernel::model::NodeName;
use crate::kernel::model::words::names;
use crate::kernel::run::Outcome;
use crate::kernel::run::step_error::StepError;
use crate::kernel::transport::RemoteCommand;
use crate::patroni::plan::StopAs;

/// $1 the data directory. A host that boots must not start Patroni by itself: whoever starts first may claim the cluster.
/// Patroni stops its server when it is asked to end, unless it is paused; a server that was left behind is stopped after
/// it. SIGTERM to the postmaster would wait for clients, so it is a fast shutdown.
const STOP: &str = r#"
systemctl --quiet disable patroni.service || exit
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
pub async fn stop(context: &Context, node: &NodeName, datadir: &str, only_as: Option<StopAs>) -> Outcome {
    if let Some(role) = only_as {
        still(context, node, role).await?;
    }
    context.host(node)?.succeed(RemoteCommand::act(STOP, [datadir]).deadline(DEADLINE)).await?;
    Ok(None)
}

/// Time has passed since the plan was made, and another node may lead. What cannot be seen counts as running.
async fn still(context: &Context, node: &NodeName, role: StopAs) -> Result<(), StepError> {
    let observation = context.observe().await;
    let facts = observation.facts(node);
    let is_standby = facts.is_some_and(|facts| match facts.live() {
        Some(live) => live.in_recovery,
        None => facts.server.is_nobody(),
    });
    let others = observation.nodes.keys().filter(|name| *name != node).filter(|name| {
        observation.facts(name).is_none_or(|facts| facts.patroni_runs() || facts.server_runs())
    });
    let others: Vec<_> = others.map(NodeName::as_str).collect();
    let why = match role {
        StopAs::Standby if !is_standby => {
            "it is no standby now, or does not say so, and another node would take over".to_owned()
        }
        StopAs::LastPrimary if !others.is_empty() => {
            format!("{} would take over: Patroni or a server runs there, or may run", names(&others, "and"))
        }
        StopAs::Standby | StopAs::LastPrimary => return Ok(()),
    };
    Err(StepError::surprise(why).left("it runs, and was not stopped"))
}

/// Moves a directory away while `unit` does not run.
pub async fn keep_aside(context: &Context, node: &NodeName, [from, to, unit]: [&str; 3]) -> Outcome {
    context.host(node)?.succeed(RemoteCommand::act(MOVE, [from, to, unit])).await?;
    Ok(Some(format!("kept in {to}")))
}
