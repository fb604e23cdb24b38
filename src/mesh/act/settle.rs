//! A connection that was lost in the middle of a step: what the step did is seen before anything else is tried.

use std::sync::Arc;

use super::Context;
use crate::kernel::run::event::Event;
use crate::kernel::run::step_error::StepError;
use crate::kernel::run::{Acting, Outcome};
use crate::mesh::plan::{Action, NodeAction, Step, done};

/// Connects again, looks at the host, and ends the step: it is done, or it is done again. A join is not begun again in the
/// middle: the next run begins it anew, with slots of its own.
pub async fn settle(context: &Arc<Context>, step: &Step, lost: StepError) -> Outcome {
    let message = format!("{}; connecting again", lost.message);
    context.reporter.event(&Event::StepProgress { id: step.id.clone(), message, fraction: None });
    if let Err((node, why)) = context.fleet.restore(|host| context.is_needed(host)).await {
        let message = format!("{}, and connecting to {node} again failed: {why}", lost.message);
        return Err(StepError { left: lost.left, ..StepError::surprise(message) }
            .left("the next run sees what this step did, before it does anything"));
    }
    let observation = context.observe().await;
    if observation.facts(&step.node).is_some_and(|facts| done(&step.action, facts)) {
        return Ok(Some("done, as seen after the connection was lost".into()));
    }
    match &step.action {
        Action::Node(NodeAction::Copy { .. } | NodeAction::Follow { .. } | NodeAction::Feed { .. }) => {
            Err(StepError { lost: false, ..lost }.left("the same command begins this join anew"))
        }
        Action::Node(NodeAction::Ddl { .. }) => {
            Err(StepError { lost: false, ..lost }
                .left("the same command sees which nodes have it, and goes on"))
        }
        Action::Node(NodeAction::Repair { .. }) => {
            Err(StepError { lost: false, ..lost }.left("the same command compares again, and goes on"))
        }
        Action::Host(_) | Action::Node(_) => context.act(step).await,
    }
}
