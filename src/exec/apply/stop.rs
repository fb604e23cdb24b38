//! Stopping a server, and seeing it gone.

use std::time::Duration;

use super::shell::list_servers;
use super::{Context, Outcome, StepError};
use crate::model::{NodeName, UnitName};
use crate::transport::RemoteCommand;

/// The packages' units give a server 900 s to write out its pages.
const DEADLINE: Duration = Duration::from_secs(960);
/// A server that waits for its cluster does not hear SIGTERM (seen on MariaDB 10.11). As long as it
/// has never been up, all that it holds is on its disk, and SIGKILL loses nothing. One that comes up
/// in the meantime hears.
const SCRIPT: &str = concat!(
    r#"
state() { systemctl show "$1.service" --property=ActiveState --value; }
is_primary() {
    timeout 10 mariadb --no-defaults --batch --skip-column-names --socket="$1" --user=root \
        --execute="SHOW GLOBAL STATUS LIKE 'wsrep_cluster_status'" 2>/dev/null | cut -f 2 | grep -qx Primary
}
never_up=
[ "$(state "$1")" != activating ] || never_up=yes
systemctl stop --no-block "$1.service" || exit
waited=0
while case $(state "$1") in inactive | failed) false ;; esac do
    waited=$((waited + 1))
    if [ "$never_up" ] && [ "$waited" -eq 20 ]; then
        signal=KILL
        if is_primary "$2"; then signal=TERM; fi
        systemctl kill --signal="$signal" "$1.service"
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

/// Stops a server that is no member of a Primary component.
///
/// Errors: it has become one since the plan was made; it is left running then.
pub async fn outsider(context: &Context, node: &NodeName, unit: &UnitName) -> Outcome {
    let live = context.database(node)?.live().await;
    if live.is_ok_and(|live| live.is_primary()) {
        let message = "its server has become a member of a Primary component since it was looked at";
        return Err(StepError::surprise(message).left(format!("{node} was not stopped")));
    }
    apply(context, node, unit).await
}

pub async fn apply(context: &Context, node: &NodeName, unit: &UnitName) -> Outcome {
    let socket = &context.place(node)?.socket;
    let command = RemoteCommand::act(SCRIPT, [unit.as_str(), socket]).deadline(DEADLINE);
    context.host(node)?.succeed(command).await?;
    Ok(None)
}
