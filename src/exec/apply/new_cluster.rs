//! Founding the cluster. The one act that must never happen twice.

use std::sync::Arc;
use std::time::{Duration, Instant};

use super::super::logs;
use super::shell::{list_armed, list_servers};
use super::{Context, Outcome, StepError};
use crate::model::{NodeName, UnitName};
use crate::observe;
use crate::plan::{Basis, refusals_text, seed_guards};
use crate::transport::RemoteCommand;

const DEADLINE: Duration = Duration::from_secs(960);

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
systemctl reset-failed "$1.service" 2>/dev/null
galera_new_cluster "$1.service"
"#
);

/// Prints what is still armed.
const ARMED: &str = concat!(list_armed!(), "true\n");

pub async fn apply(context: &Arc<Context>, node: &NodeName, unit: &UnitName) -> Outcome {
    look_again(context).await?;
    let started = Instant::now();
    let host = context.host(node)?;
    if let Err(error) = host.succeed(RemoteCommand::new(SCRIPT, [unit.as_str()]).deadline(DEADLINE)).await {
        let error = StepError::from(error).left("no other node was started");
        return Err(logs::explained(context, error, node, started.elapsed()).await);
    }
    let founded = "the cluster is created, and no other node was started";
    let live = context.database(node)?.live().await.map_err(|error| StepError::from(error).left(founded))?;
    if !live.is_synced() || live.cluster_size != 1 {
        let state = format!("{:?}, {}, size {}", live.cluster_status, live.local_state, live.cluster_size);
        return Err(StepError::surprise(format!(
            "after founding, the seed is {state}; expected Primary, Synced, size 1"
        )));
    }
    let armed = host.succeed(RemoteCommand::new(ARMED, [""; 0])).await?;
    if !armed.trim().is_empty() {
        let message = format!("the bootstrap intent is still armed on {node}: {}", armed.trim());
        return Err(StepError::surprise(message)
            .left("run the same command again: it removes the intent and goes on"));
    }
    Ok(live.state_uuid.map(|uuid| format!("state UUID {uuid}")))
}

/// Minutes may have passed since the plan was made, and the plan itself has changed the hosts:
/// so all of them are looked at again, and the same guards asked, in the moment before.
async fn look_again(context: &Context) -> Result<(), StepError> {
    let reports = observe::ask(&context.inventory, &context.fleet).await;
    let observation = reports.observation(&context.secrets);
    let basis =
        Basis { inventory: &context.inventory, observation: &observation, renderer: &context.renderer };
    let refusals = seed_guards(&basis);
    if refusals.is_empty() {
        return Ok(());
    }
    let message =
        format!("the hosts are not what the plan was made for\n{}", refusals_text(&refusals).trim_end());
    Err(StepError::surprise(message).left("nothing was founded"))
}
