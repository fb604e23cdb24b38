//! galactl's own records on the hosts: which history began where, and who has gone through it.

use super::Context;
use crate::galera::facts::position_of;
use crate::galera::model::{Gtid, StateUuid};
use crate::kernel::model::NodeName;
use crate::kernel::run::step_error::StepError;
use crate::kernel::transport::RemoteCommand;

/// $1 state UUID.
const COMPLETE: &str =
    r#"printf 'state_uuid=%s\n' "$1" >> /var/lib/galactl/founding && sync /var/lib/galactl/founding"#;

/// $1 the node that has joined, $2 the state UUID. Once is enough; a bootstrap that was cut off could
/// not write its UUID down.
const JOINED: &str = r#"
record=/var/lib/galactl/founding
[ -e "$record" ] || exit 0
grep -q ^state_uuid= "$record" || printf 'state_uuid=%s\n' "$2" >> "$record" || exit
grep -q ^joined= "$record" || { printf 'joined=%s\n' "$1" >> "$record" && sync "$record"; }
"#;

/// $1 plan, $2 cluster, $3 who, $4 state UUID, $5 position.
const RESTART: &str = r#"
record=/var/lib/galactl/founding
mkdir -p /var/lib/galactl &&
    printf 'plan=%s\ncluster=%s\nby=%s\nstate_uuid=%s\njoined=before\nrecovered=%s\n' "$1" "$2" "$3" "$4" "$5" > "$record.new" &&
    sync "$record.new" && mv "$record.new" "$record" && sync /var/lib/galactl
"#;

/// Where the running server's cluster was started again: by galactl, or by hand.
const RESTARTS: &str = r#"
{
    sed -n 's/^recovered=//p' /var/lib/galactl/founding
    cut -d ' ' -f 1 /var/lib/galactl/passed
    for pid in $(pgrep -x 'mariadbd|mysqld'); do
        arguments=$(tr '\0' '\n' < "/proc/$pid/cmdline")
        case $arguments in
        *--wsrep[-_]new*) printf '%s\n' "$arguments" | sed -n 's/^--wsrep[-_]start[-_]position=//p' ;;
        esac
    done
} 2>/dev/null
true
"#;

/// $1.. positions. Each is written once, with the time.
const PASSED: &str = r#"
record=/var/lib/galactl/passed
mkdir -p /var/lib/galactl || exit
for position in "$@"; do
    grep -qs -- "^$position " "$record" || printf '%s %s\n' "$position" "$(date +%s)" >> "$record" || exit
done
sync "$record"
"#;

/// Writes the state UUID down on the node whose cluster was started there.
pub async fn complete(context: &Context, node: &NodeName, state: &StateUuid) -> Result<(), StepError> {
    act(context, node, COMPLETE, vec![state.to_string()]).await
}

/// Writes down on the seed that its cluster is no longer the seed's alone.
pub async fn joined(context: &Context, node: &NodeName, state: &StateUuid) -> Result<(), StepError> {
    // On a seed that was given up unseen, nothing is written.
    match context.fleet.host_of(&context.inventory.seed) {
        Some(_) => {
            let words = vec![node.to_string(), state.to_string()];
            act(context, &context.inventory.seed, JOINED, words).await
        }
        None => Ok(()),
    }
}

/// Writes down on the node that its component was made Primary again at this position.
pub async fn restart(context: &Context, node: &NodeName, position: &Gtid) -> Result<(), StepError> {
    let cluster = context.inventory.cluster.to_string();
    let words = vec![
        context.plan.clone(),
        cluster,
        context.who.clone(),
        position.uuid.to_string(),
        position.to_string(),
    ];
    act(context, node, RESTART, words).await
}

/// The restarts of one history that a running member of it knows of.
pub async fn restarts(context: &Context, node: &NodeName, state: &StateUuid) -> Result<Vec<Gtid>, StepError> {
    let text = context.host(node)?.succeed(RemoteCommand::new(RESTARTS, [""; 0])).await?;
    Ok(text.lines().filter_map(position_of).filter(|position| &position.uuid == state).collect())
}

/// Writes down on the node that it is in a cluster after these restarts.
pub async fn passed(context: &Context, node: &NodeName, restarts: &[Gtid]) -> Result<(), StepError> {
    if restarts.is_empty() {
        return Ok(());
    }
    act(context, node, PASSED, restarts.iter().map(ToString::to_string).collect()).await
}

async fn act(
    context: &Context,
    node: &NodeName,
    script: &'static str,
    words: Vec<String>,
) -> Result<(), StepError> {
    context.host(node)?.succeed(RemoteCommand::act(script, words)).await?;
    Ok(())
}
