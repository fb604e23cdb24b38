//! Starting and stopping an arbitrator. All of it may be repeated.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use crate::galera::act::{Context, verify_views, views};
use crate::galera::facts::Live;
use crate::galera::garbd::action::GarbdAction;
use crate::kernel::model::NodeName;
use crate::kernel::run::Outcome;
use crate::kernel::run::poll::{Awaited, Look, Sign, Wait, Waited};
use crate::kernel::run::step_error::StepError;
use crate::kernel::transport::{Host, RemoteCommand};

/// The package's unit gives garbd two minutes to leave.
const STOP_DEADLINE: Duration = Duration::from_secs(150);
/// garbd gives up by itself after 30 s without a Primary component.
const PATIENCE: Duration = Duration::from_secs(60);
const POLL: Duration = Duration::from_millis(300);

const START: &str = "systemctl reset-failed garb.service 2>/dev/null; systemctl restart garb.service";

/// What the daemon that runs now says of itself: the unit's state, the members that it counts, and whether
/// it is Synced, which it is only once its group has taken it in for good. Of one that is gone, its last
/// words.
const ASK: &str = r#"
state=$(systemctl show garb.service --property=ActiveState --value)
run=$(systemctl show garb.service --property=InvocationID --value)
said=$(journalctl --quiet --output=cat "_SYSTEMD_INVOCATION_ID=$run")
case $state in
active | activating) ;;
*)
    printf 'garb.service is %s\n' "$state"
    printf '%s\n' "$said" | grep -E 'FATAL|ERROR' | tail -n 5
    exit 65
    ;;
esac
printf '%s\n' "$said" | grep -q 'JOINED -> SYNCED' || exit 0
printf '%s\n' "$said" | grep 'New COMPONENT' | tail -n 1 | sed -n 's/^.*primary = yes,.*memb_num = \([0-9]*\).*$/\1/p'
"#;

/// $1 `yes`: also disable the unit, so that garbd does not start at boot any more.
const STOP: &str = r#"
systemctl stop garb.service || exit
systemctl reset-failed garb.service 2>/dev/null
if [ "$1" = yes ]; then
    systemctl --quiet disable garb.service || exit
fi
if pgrep -ax garbd >&2; then
    echo "a garbd is still there" >&2
    exit 1
fi
"#;

const WITHOUT_IT: &str = "the nodes go on without its vote";

/// Carries out one action.
pub async fn apply(context: &Arc<Context>, node: &NodeName, action: &GarbdAction) -> Outcome {
    match action {
        GarbdAction::Start { nodes, most_members, again } => {
            start(context, node, nodes, *most_members, *again).await
        }
        GarbdAction::Stop { for_good } => stop(context, node, *for_good).await,
    }
}

/// Starts garbd, and waits until it and all of `nodes` count the same members, itself among them. `again`: garbd runs,
/// and a restart takes its vote away for a moment, so all nodes must be in the cluster.
async fn start(
    context: &Arc<Context>,
    node: &NodeName,
    nodes: &[NodeName],
    most_members: usize,
    again: bool,
) -> Outcome {
    if again {
        let not_restarted = |error: StepError| error.left(format!("{node} was not restarted"));
        verify_views(context, nodes, most_members).await.map_err(not_restarted)?;
    }
    let host = context.host(node)?;
    let start = RemoteCommand::act(START, [""; 0]).deadline(STOP_DEADLINE);
    host.succeed(start).await.map_err(|error| StepError::from(error).left(WITHOUT_IT))?;
    let arbitrator = Started { context, host: &host, nodes };
    let wait = Wait::new(POLL, PATIENCE).interrupted_by(&context.interrupt);
    match wait.until(arbitrator).await? {
        Waited::Found(members) => Ok(Some(format!("one of {members} members"))),
        Waited::Idle(_) => {
            let message = format!(
                "{node} is not in the view of the nodes, and nothing has moved for {} s",
                PATIENCE.as_secs()
            );
            Err(StepError::new(message).left(WITHOUT_IT))
        }
    }
}

/// Waits until the nodes count this arbitrator.
struct Started<'a> {
    context: &'a Arc<Context>,
    host: &'a Host,
    nodes: &'a [NodeName],
}

impl Awaited for Started<'_> {
    /// How many members there are.
    type Found = u64;

    async fn look(&mut self) -> Result<Look<u64>, StepError> {
        let members = self.host.succeed(RemoteCommand::new(ASK, [""; 0])).await?;
        let members = members.trim();
        let views = views(self.context, self.nodes).await;
        Ok(match members.parse() {
            Ok(members) if is_counted(&views, self.nodes, members) => Look::Found(members),
            _ => Look::NotYet(Sign::word(format!("it: {members}, nodes: {}", sizes(&views)))),
        })
    }
}

type Views = BTreeMap<NodeName, Live>;

fn is_counted(views: &Views, nodes: &[NodeName], members: u64) -> bool {
    let agree = nodes
        .iter()
        .all(|node| views.get(node).is_some_and(|live| live.is_primary() && live.cluster_size == members));
    agree && members > nodes.len() as u64
}

/// The sign of progress while the nodes take the arbitrator in: how many members each of them counts.
fn sizes(views: &Views) -> String {
    let size = |(node, live): (&NodeName, &Live)| format!("{node} {}", live.cluster_size);
    views.iter().map(size).collect::<Vec<_>>().join(", ")
}

async fn stop(context: &Context, node: &NodeName, for_good: bool) -> Outcome {
    let for_good = if for_good { "yes" } else { "no" };
    context.host(node)?.succeed(RemoteCommand::act(STOP, [for_good]).deadline(STOP_DEADLINE)).await?;
    Ok(None)
}
