//! Founding the cluster. The one act that must never happen twice.
//!
//! Nothing is armed anywhere, one host is armed and started by the distribution's script, nothing
//! is armed anywhere: each of the three is seen, not assumed. A record on the host says what was
//! begun, so that a run which finds it cut off knows whose founding it was.

use std::sync::Arc;
use std::time::{Duration, Instant};

use super::super::logs;
use super::shell::{list_armed, list_servers};
use super::{Context, Outcome, StepError};
use crate::facts::Live;
use crate::model::{NodeName, StateUuid, UnitName};
use crate::plan::{Basis, Guard, refusals_text, seed_guards};
use crate::transport::{Host, RemoteCommand};

const DEADLINE: Duration = Duration::from_secs(960);

/// $1 unit, $2 plan, $3 cluster, $4 who.
///
/// The distribution's own script: its way of handing the intent to the server differs from
/// release to release. It restarts the unit, so a running one is refused here, too.
const SCRIPT: &str = concat!(
    r#"
running=$("#,
    list_servers!(),
    r#")
if [ -n "$running" ] || systemctl --quiet is-active "$1.service"; then
    echo "the server runs; founding would restart it" >&2
    exit 1
fi
record=/var/lib/galactl/founding
mkdir -p /var/lib/galactl &&
    printf 'plan=%s\ncluster=%s\nby=%s\n' "$2" "$3" "$4" > "$record.new" &&
    sync "$record.new" && mv "$record.new" "$record" && sync /var/lib/galactl || exit
systemctl reset-failed "$1.service" 2>/dev/null
galera_new_cluster "$1.service"
"#
);

/// $1 state UUID.
const COMPLETE_RECORD: &str =
    r#"printf 'state_uuid=%s\n' "$1" >> /var/lib/galactl/founding && sync /var/lib/galactl/founding"#;

/// $1 the node that has joined. Once is enough.
const RECORD_JOINED: &str = r#"
record=/var/lib/galactl/founding
[ -e "$record" ] || exit 0
grep -q ^joined= "$record" || { printf 'joined=%s\n' "$1" >> "$record" && sync "$record"; }
"#;

/// Prints what is still armed.
const ARMED: &str = concat!(list_armed!(), "true\n");

/// Founds the cluster, or starts the one again that was founded here, which `state` names.
pub async fn apply(
    context: &Arc<Context>,
    node: &NodeName,
    unit: &UnitName,
    state: Option<&StateUuid>,
) -> Outcome {
    look_again(context).await?;
    let started = Instant::now();
    let host = context.host(node)?;
    let arguments = [unit.as_str(), &context.plan, context.inventory.cluster.as_str(), &context.who];
    let command = RemoteCommand::act(SCRIPT, arguments).deadline(DEADLINE);
    if let Err(error) = host.succeed(command).await {
        let error = StepError::from(error).left("no other node was started");
        return Err(match error.lost {
            // Whether it was founded must be seen first; the logs would not tell.
            true => error,
            false => logs::explained(context, error, node, started.elapsed()).await,
        });
    }
    prove(context, node, state).await
}

/// Sees that the seed is a cluster of one, of the expected state, and that nothing is armed.
pub async fn prove(context: &Arc<Context>, node: &NodeName, state: Option<&StateUuid>) -> Outcome {
    let founded = "the cluster is created, and no other node was started";
    let live = context.database(node)?.live().await.map_err(|error| StepError::from(error).left(founded))?;
    let uuid = as_expected(&live, state).map_err(|error| error.left("no other node was started"))?;
    let host = context.host(node)?;
    host.succeed(RemoteCommand::act(COMPLETE_RECORD, [uuid.as_str()])).await?;
    for host in context.fleet.hosts() {
        disarmed(&host).await?;
    }
    Ok(Some(format!("state UUID {uuid}")))
}

/// Writes down on the seed that its cluster is no longer the seed's alone.
pub async fn record_joined(context: &Context, node: &NodeName) -> Result<(), StepError> {
    let host = context.host(&context.inventory.seed)?;
    host.succeed(RemoteCommand::act(RECORD_JOINED, [node.as_str()])).await?;
    Ok(())
}

fn as_expected(live: &Live, state: Option<&StateUuid>) -> Result<StateUuid, StepError> {
    if !live.is_synced() || live.cluster_size != 1 {
        let found = format!("{:?}, {}, size {}", live.cluster_status, live.local_state, live.cluster_size);
        let message = format!("after founding, the seed is {found}; expected Primary, Synced, size 1");
        return Err(StepError::surprise(message));
    }
    match (&live.state_uuid, state) {
        (Some(uuid), None) => Ok(uuid.clone()),
        (Some(uuid), Some(state)) if uuid == state => Ok(uuid.clone()),
        (found, state) => {
            let word = |uuid: Option<&StateUuid>| uuid.map_or_else(|| "none".to_owned(), ToString::to_string);
            let (found, state) = (word(found.as_ref()), word(state));
            Err(StepError::surprise(format!("its state UUID is {found}, and not {state}")))
        }
    }
}

async fn disarmed(host: &Host) -> Result<(), StepError> {
    let armed = host.succeed(RemoteCommand::new(ARMED, [""; 0])).await?;
    if armed.trim().is_empty() {
        return Ok(());
    }
    let message = format!("a bootstrap intent is still armed on {}: {}", host.name, armed.trim());
    Err(StepError::surprise(message).left("run the same command again: it removes the intent and goes on"))
}

/// Minutes may have passed since the plan was made, and the plan itself has changed the hosts:
/// so all of them are looked at again, and the same guards asked, in the moment before.
async fn look_again(context: &Context) -> Result<(), StepError> {
    let observation = context.observe().await;
    let basis =
        Basis { inventory: &context.inventory, observation: &observation, renderer: &context.renderer };
    let refusals = seed_guards(&basis);
    if !refusals.is_empty() {
        let message =
            format!("the hosts are not what the plan was made for\n{}", refusals_text(&refusals).trim_end());
        let lost = refusals.iter().any(|refusal| refusal.guard == Guard::Unreachable);
        return Err(StepError { lost, ..StepError::surprise(message) }.left("nothing was founded"));
    }
    match observation.seen().find(|(_, facts)| !facts.intents.is_empty()) {
        None => Ok(()),
        Some((name, _)) => Err(StepError::surprise(format!("a bootstrap intent is armed on {name}"))
            .left("nothing was founded; run the same command again: it removes the intent first")),
    }
}
