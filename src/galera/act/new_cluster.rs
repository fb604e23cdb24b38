//! Bootstrapping the cluster. The one act that must never happen twice.
//!
//! Nothing is armed anywhere, one host is armed and started by the distribution's script, nothing
//! is armed anywhere: each of the three is seen, not assumed. A record on the host says what was
//! begun, so that a run which finds it cut off knows whose bootstrap it was.

use std::sync::Arc;
use std::time::{Duration, Instant};

use super::disarm::disarmed;
use super::next_start::would_be_in_its_cluster;
use super::shell::list_servers;
use super::{Context, Outcome, record};
use super::{logs, stop};
use crate::galera::facts::Live;
use crate::galera::judge::Basis;
use crate::galera::judge::codes;
use crate::galera::model::{Gtid, StateUuid};
use crate::galera::plan::seed_guards;
use crate::kernel::judge::Invocation;
use crate::kernel::model::{NodeName, UnitName};
use crate::kernel::plan::refusals_text;
use crate::kernel::run::step_error::StepError;
use crate::kernel::transport::RemoteCommand;

const DEADLINE: Duration = Duration::from_secs(960);

/// $1 unit, $2 plan, $3 cluster, $4 who, $5 the position of a cluster that is started again.
///
/// The distribution's own script: its way of handing the intent to the server differs from
/// release to release. It restarts the unit, so a running one is refused here, too.
const SCRIPT: &str = concat!(
    r#"
running=$("#,
    list_servers!(),
    r#")
if [ -n "$running" ] || systemctl --quiet is-active "$1.service"; then
    echo "the server runs; a bootstrap would restart it" >&2
    exit 1
fi
record=/var/lib/galactl/founding
mkdir -p /var/lib/galactl && rm -f "$record.previous" && { [ ! -e "$record" ] || cp -p "$record" "$record.previous"; } &&
    printf 'plan=%s\ncluster=%s\nby=%s\n' "$2" "$3" "$4" > "$record.new" &&
    printf '%s' "${5:+recovered=$5
}" >> "$record.new" &&
    sync "$record.new" && mv "$record.new" "$record" && sync /var/lib/galactl || exit
systemctl reset-failed "$1.service" 2>/dev/null
galera_new_cluster "$1.service" && exit
# It did not come up, so that nothing was begun.
code=$?
if [ -e "$record.previous" ]; then mv "$record.previous" "$record"; else rm -f "$record"; fi
exit "$code"
"#
);

/// Bootstraps the cluster, or starts the one again that was bootstrapped here, which `state` names.
pub async fn apply(
    context: &Arc<Context>,
    node: &NodeName,
    unit: &UnitName,
    state: Option<&StateUuid>,
) -> Outcome {
    look_again(context).await?;
    run_script(context, node, unit, None).await?;
    prove(context, node, state).await
}

/// Starts the server as the first of its cluster. `recovered`: the position of one that was there
/// before.
pub async fn run_script(
    context: &Arc<Context>,
    node: &NodeName,
    unit: &UnitName,
    recovered: Option<&Gtid>,
) -> Result<(), StepError> {
    would_be_in_its_cluster(context, node, unit)
        .await
        .map_err(|error| error.left("no other node was started"))?;
    let started = Instant::now();
    let host = context.host(node)?;
    let recovered = recovered.map(ToString::to_string).unwrap_or_default();
    let arguments =
        [unit.as_str(), &context.plan, context.inventory.cluster.as_str(), &context.who, &recovered];
    let command = RemoteCommand::act(SCRIPT, arguments).deadline(DEADLINE);
    if let Err(error) = host.succeed(command).await {
        let error = StepError::from(error).left("no other node was started");
        return Err(match error.lost {
            // Whether it was bootstrapped must be seen first; the logs would not tell.
            true => error,
            false => logs::explained(context, error, node, started.elapsed()).await,
        });
    }
    Ok(())
}

/// Sees that the seed is a cluster of one, of the expected state, and that nothing is armed. A server that is not is
/// stopped again: clients would write beside the cluster.
pub async fn prove(context: &Arc<Context>, node: &NodeName, state: Option<&StateUuid>) -> Outcome {
    let live = context.database(node)?.live().await.map_err(StepError::from);
    let uuid = match live.and_then(|live| as_expected(&live, state)) {
        Ok(uuid) => uuid,
        Err(error) if error.lost => return Err(error.left("no other node was started")),
        Err(error) => {
            return Err(stopped_again(context, node, error).await.left("no other node was started"));
        }
    };
    record::complete(context, node, &uuid).await?;
    for host in context.fleet.hosts() {
        disarmed(&host).await?;
    }
    Ok(Some(format!("state UUID {uuid}")))
}

async fn stopped_again(context: &Context, node: &NodeName, error: StepError) -> StepError {
    let unit = &context.inventory.host.unit;
    match stop::outsider(context, node, unit).await {
        Ok(_) => error.left(format!("{unit}.service on {node} is stopped again")),
        Err(trouble) => error.left(format!("{unit}.service on {node} runs: {}", trouble.message)),
    }
}

fn as_expected(live: &Live, state: Option<&StateUuid>) -> Result<StateUuid, StepError> {
    if !live.wsrep_on {
        let message = "its server has started outside the cluster, with wsrep_on OFF: its unit hands it an option that no option file shows";
        return Err(StepError::surprise(message));
    }
    if !live.is_synced() || live.cluster_size != 1 {
        let found = format!("{}, {}, size {}", live.cluster_status, live.local_state, live.cluster_size);
        let message = format!("after the bootstrap, the seed is {found}; expected Primary, Synced, size 1");
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

/// Minutes may have passed since the plan was made, and the plan itself has changed the hosts:
/// so all of them are looked at again, and the same guards asked, in the moment before.
async fn look_again(context: &Context) -> Result<(), StepError> {
    let observation = context.observe().await;
    let basis =
        Basis { inventory: &context.inventory, observation: &observation, renderer: &context.renderer };
    let later = Invocation::later();
    let refusals: Vec<_> = seed_guards(&basis).into_iter().map(|refusal| refusal.settled(&later)).collect();
    if !refusals.is_empty() {
        let message =
            format!("the hosts are not what the plan was made for\n{}", refusals_text(&refusals).trim_end());
        let lost = refusals.iter().any(|refusal| refusal.code == codes::UNREACHABLE);
        return Err(StepError { lost, ..StepError::surprise(message) }.left("nothing was bootstrapped"));
    }
    match observation.seen().find(|(_, facts)| !facts.intents.is_empty()) {
        None => Ok(()),
        Some((name, _)) => Err(StepError::surprise(format!("a bootstrap intent is set on {name}"))
            .left("nothing was bootstrapped; run the same command again: it removes the intent first")),
    }
}
