//! Starting all members of the last view, and waiting until they have formed it again.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::{Duration, Instant};

use tokio::time::sleep;

use super::super::event::Event;
use super::super::logs;
use super::start_member::start_member;
use super::{Context, Outcome, StepError, forget, stop};
use crate::facts::{HostFacts, Observation};
use crate::model::{NodeName, StateUuid, UnitName};
use crate::plan::Step;

const POLL: Duration = Duration::from_secs(1);

/// What the plan says of it.
pub struct Expected<'a> {
    pub nodes: &'a [NodeName],
    pub state: &'a StateUuid,
    /// Nothing has changed for this long: they do not find each other.
    pub patience_seconds: u64,
}

pub async fn apply(context: &Arc<Context>, step: &Step, unit: &UnitName, expected: Expected<'_>) -> Outcome {
    let started = Instant::now();
    for node in expected.nodes {
        start_member(&*context.host(node)?, unit).await?;
    }
    match until_formed(context, step, &expected).await {
        Ok(()) => Ok(Some(format!("state UUID {}", expected.state))),
        Err(error) if error.lost => Err(error),
        Err(error) => {
            let error = stop_waiting(context, unit, expected.nodes, error).await;
            Err(logs::explained(context, error, &step.node, started.elapsed()).await)
        }
    }
}

async fn until_formed(context: &Context, step: &Step, expected: &Expected<'_>) -> Result<(), StepError> {
    let patience = Duration::from_secs(expected.patience_seconds);
    let (mut last, mut moved) = (BTreeMap::new(), Instant::now());
    let mut restarts = BTreeMap::new();
    loop {
        let observation = context.observe().await;
        let states = states(&observation, expected, &mut restarts)?;
        if states.values().all(|state| state == "Synced") {
            return Ok(());
        }
        if states != last {
            let words: Vec<_> = states.iter().map(|(node, state)| format!("{node} {state}")).collect();
            let message = words.join(", ");
            context.report(&Event::StepProgress { id: step.id.clone(), message, fraction: None });
            (last, moved) = (states, Instant::now());
        } else if moved.elapsed() > patience {
            let words: Vec<_> = last.iter().map(|(node, state)| format!("{node} {state}")).collect();
            let seconds = patience.as_secs();
            let message =
                format!("the last view did not form again within {seconds} s: {}", words.join(", "));
            return Err(StepError::new(message));
        }
        sleep(POLL).await;
    }
}

/// A word for each node. An error: one that does not come up, or is somewhere else.
fn states(
    observation: &Observation,
    expected: &Expected<'_>,
    restarts: &mut BTreeMap<NodeName, u32>,
) -> Result<BTreeMap<NodeName, String>, StepError> {
    let mut states = BTreeMap::new();
    for node in expected.nodes {
        let Some(facts) = observation.facts(node) else {
            let error = StepError::surprise(format!("{node} cannot be seen any more"));
            return Err(StepError { lost: true, ..error });
        };
        // systemd may have been about to start it again when it was started here.
        let once_more = restarts.entry(node.clone()).or_insert(facts.unit.restarts + 1);
        let loops = facts.unit.restarts > *once_more;
        states.insert(node.clone(), state(node, facts, expected.state, loops)?);
    }
    Ok(states)
}

fn state(node: &NodeName, facts: &HostFacts, expected: &StateUuid, loops: bool) -> Result<String, StepError> {
    let unit = &facts.unit;
    match facts.live() {
        Some(live) if live.is_primary() && live.state_uuid.as_ref() != Some(expected) => {
            Err(StepError::surprise(format!("{node} is Primary with another state UUID than {expected}")))
        }
        Some(live) if live.is_synced() => Ok("Synced".into()),
        Some(live) => Ok(format!("{:?} {}", live.cluster_status, live.local_state)),
        None if !unit.is_up() || loops => {
            let message = format!("{node} did not come up: its unit is {} ({})", unit.active, unit.result);
            Err(StepError::new(message))
        }
        None => Ok(unit.active.clone()),
    }
}

/// A member that waits for the others waits for ever. Without its gvwstate.dat, the next recovery
/// decides by the positions. One that is in the Primary component already may have clients.
async fn stop_waiting(
    context: &Context,
    unit: &UnitName,
    nodes: &[NodeName],
    mut error: StepError,
) -> StepError {
    let view = ["gvwstate.dat".to_owned()];
    let observation = context.observe().await;
    for node in nodes {
        if observation.facts(node).is_some_and(HostFacts::is_primary) {
            error = error.left(format!("{node} is in the Primary component, and runs on"));
            continue;
        }
        let stopped = async {
            stop::apply(context, node, unit).await?;
            forget::apply(context, node, &context.place(node)?.datadir, &view).await
        };
        error = match stopped.await {
            Ok(_) => error.left(format!("{unit}.service on {node} is stopped again")),
            Err(trouble) => error.left(format!("{node} could not be stopped: {}", trouble.message)),
        };
    }
    error.left("galactl recover decides anew by what they hold")
}
