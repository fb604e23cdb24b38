//! A connection that was lost in the middle of a step: what the step did is seen before anything
//! else is tried.

use std::sync::Arc;

use super::{Context, new_cluster};
use crate::galera::facts::{HostFacts, NodeState};
use crate::galera::plan::{Action, ServerAction, Step, done};
use crate::kernel::judge::PLACE;
use crate::kernel::run::event::Event;
use crate::kernel::run::step_error::StepError;
use crate::kernel::run::{Acting, Outcome};

/// Connects again, waits until the step's own script has ended there, looks at the host, and ends
/// the step: it is done, or it is done again. A bootstrap is never repeated, and on the host of an arbitrator or a proxy
/// everything may be.
pub async fn settle(context: &Arc<Context>, step: &Step, lost: StepError) -> Outcome {
    let message = format!("{}; connecting again", lost.message);
    context.report(&Event::StepProgress { id: step.id.clone(), message, fraction: None });
    if let Err((node, why)) = context.fleet.restore(|host| context.is_needed(host)).await {
        let message = format!("{}, and connecting to {node} again failed: {why}", lost.message);
        return Err(StepError { left: lost.left, ..StepError::surprise(message) }
            .left("the next run sees what this step did, before it does anything"));
    }
    // Whatever is done to others than data nodes may be repeated.
    if context.inventory.node(&step.node).is_none() {
        return context.act(step).await;
    }
    let observation = context.observe().await;
    let Some(facts) = observation.facts(&step.node) else {
        return Err(StepError::surprise(format!(
            "{}, and {} does not tell what it did",
            lost.message, step.node
        )));
    };
    let Action::Server(action) = &step.action else { return unless_done(context, step, facts).await };
    match action {
        ServerAction::NewCluster { state, .. } if facts.is_primary() => {
            new_cluster::prove(context, &step.node, state.as_ref()).await
        }
        ServerAction::RestartCluster { position, .. } if facts.is_primary() => {
            new_cluster::prove(context, &step.node, Some(&position.uuid)).await
        }
        ServerAction::RestartCluster { .. } => Err(StepError::surprise(
            "the connection was lost; it was made again, and the cluster does not run here",
        )
        .left(format!("galactl recover {PLACE} scans again what each node holds, before it does anything"))),
        ServerAction::NewCluster { .. } => {
            let state = match facts.state() {
                NodeState::Bare | NodeState::Fresh => "nothing is bootstrapped there".to_owned(),
                state => format!("what became of the bootstrap is not clear: {state}"),
            };
            Err(StepError::surprise(format!("the connection was lost; it was made again, and {state}")))
        }
        _ => unless_done(context, step, facts).await,
    }
}

async fn unless_done(context: &Arc<Context>, step: &Step, facts: &HostFacts) -> Outcome {
    match done(&step.action, facts) {
        true => Ok(Some("done, as seen after the connection was lost".into())),
        false => context.act(step).await,
    }
}
