//! Stopping a server, and seeing it gone.

use std::time::Duration;

use super::shell::list_servers;
use super::{Context, Outcome};
use crate::galera::sql::DbError;
use crate::kernel::model::{NodeName, UnitName};
use crate::kernel::run::step_error::StepError;
use crate::kernel::transport::RemoteCommand;

/// The packages' units give a server 900 s to write out its pages.
const DEADLINE: Duration = Duration::from_secs(960);
/// A server that waits for its cluster does not hear SIGTERM (seen on MariaDB 10.11), systemd's own at
/// the end of TimeoutStartSec neither. As long as it has never been up, all that it holds is on its
/// disk, and SIGKILL loses nothing. A server that comes up in the meantime obeys SIGTERM.
/// $1 unit, $2 socket, $3 the data directory of a donor that nothing but a restart frees, or empty: such a
/// server may hang in its shutdown after it has left its group and written down its position (seen on MariaDB
/// 10.11), and its unit never sends SIGKILL.
const SCRIPT: &str = concat!(
    r#"
show() { systemctl show "$1.service" --property="$2" --value; }
state() { show "$1" ActiveState; }
is_primary() {
    timeout 10 mariadb --no-defaults --batch --skip-column-names --socket="$1" --user=root \
        --execute="SHOW GLOBAL STATUS LIKE 'wsrep_cluster_status'" 2>/dev/null | cut -f 2 | grep -qx Primary
}
never_up=
case $(state "$1") in
activating) never_up=yes ;;
deactivating)
    # It was not up since the unit was started: 0 is never.
    [ "$(show "$1" ActiveEnterTimestampMonotonic)" -lt "$(show "$1" InactiveExitTimestampMonotonic)" ] && never_up=yes
    ;;
esac
# Most servers are gone within these seconds, and it tells at once.
timeout 20 systemctl stop "$1.service" || [ $? = 124 ] || exit
while case $(state "$1") in inactive | failed) false ;; esac do
    if [ "$never_up" ]; then
        never_up=
        signal=KILL
        if is_primary "$2"; then signal=TERM; fi
        systemctl kill --signal="$signal" "$1.service"
    fi
    if [ "$3" ] && grep -qs '^safe_to_bootstrap: *1' "$3/grastate.dat"; then
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

const STATE: &str = r#"systemctl show "$1.service" --property=ActiveState --value"#;

/// Stops a server that is no member of a Primary component.
///
/// Errors: it has become one since the plan was made, or it is up and cannot be asked; it is left
/// running then.
pub async fn outsider(context: &Context, node: &NodeName, unit: &UnitName) -> Outcome {
    let not_stopped = |error: StepError| error.left(format!("{node} was not stopped"));
    match context.database(node)?.live().await {
        Ok(live) if live.is_primary() => {
            let message = "its server has become a member of a Primary component since it was scanned";
            return Err(not_stopped(StepError::surprise(message)));
        }
        Err(DbError::Transport(error)) => return Err(not_stopped(error.into())),
        // The client may be missing, or the socket elsewhere. A server that is still starting gives no answer yet.
        Err(DbError::Server(why)) if is_active(context, node, unit).await? => {
            let message = format!(
                "its unit is active and its server cannot be asked, so that it may be a member of a Primary component: {why}"
            );
            let next = format!("once you know that it is none, on that host: sudo systemctl stop {unit}");
            return Err(not_stopped(StepError::surprise(message)).left(next));
        }
        Ok(_) | Err(DbError::Server(_)) => {}
    }
    apply(context, node, unit).await
}

async fn is_active(context: &Context, node: &NodeName, unit: &UnitName) -> Result<bool, StepError> {
    let state = context.host(node)?.succeed(RemoteCommand::new(STATE, [unit.as_str()])).await?;
    Ok(matches!(state.trim(), "active" | "reloading"))
}

pub async fn apply(context: &Context, node: &NodeName, unit: &UnitName) -> Outcome {
    stop(context, node, unit, "").await
}

/// Stops a server that is alone in its component, and a donor to nobody.
pub async fn donor_to_nobody(context: &Context, node: &NodeName, unit: &UnitName) -> Outcome {
    stop(context, node, unit, &context.place(node)?.datadir).await
}

async fn stop(context: &Context, node: &NodeName, unit: &UnitName, hangs_in: &str) -> Outcome {
    let socket = &context.place(node)?.socket;
    let command = RemoteCommand::act(SCRIPT, [unit.as_str(), socket, hangs_in]).deadline(DEADLINE);
    context.host(node)?.succeed(command).await?;
    Ok(None)
}
