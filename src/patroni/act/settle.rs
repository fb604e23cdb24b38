//! A connection that was lost in the middle of a step: what the step did is seen before anything else is tried.

use std::sync::Arc;

use super::{Context, failover, found, start_first, switchover};
use crate::kernel::run::event::Event;
use crate::kernel::run::step_error::StepError;
use crate::kernel::run::{Acting, Outcome};
use crate::patroni::facts::HostFacts;
use crate::patroni::plan::{Action, PatroniAction, Step, done};

/// Connects again, looks at the host, and ends the step: it is done, or it is done again. A founding is never repeated:
/// it is waited for where it has begun.
pub async fn settle(context: &Arc<Context>, step: &Step, lost: StepError) -> Outcome {
    let message = format!("{}; connecting again", lost.message);
    context.reporter.event(&Event::StepProgress { id: step.id.clone(), message, fraction: None });
    if let Err((node, why)) = context.fleet.restore(|host| context.is_needed(host)).await {
        let message = format!("{}, and connecting to {node} again failed: {why}", lost.message);
        return Err(StepError { left: lost.left, ..StepError::surprise(message) }
            .left("the next run sees what this step did, before it does anything"));
    }
    let observation = context.observe().await;
    if let (
        Action::Patroni(
            PatroniAction::Found { patience_seconds } | PatroniAction::FoundFrom { patience_seconds, .. },
        ),
        Some(facts),
    ) = (&step.action, observation.facts(&step.node))
    {
        return match facts.patroni_runs() {
            true => found::prove(context, step, *patience_seconds).await,
            false => Err(StepError::surprise(
                "the connection was lost; it was made again, and no Patroni was started there",
            )),
        };
    }
    if let (Action::Patroni(PatroniAction::StartFirst { .. }), Some(facts)) =
        (&step.action, observation.facts(&step.node))
        && facts.patroni_runs()
    {
        return start_first::prove(context, step).await;
    }
    if let Action::Patroni(PatroniAction::Switchover { .. }) = &step.action
        && !observation.facts(&step.node).is_some_and(HostFacts::is_primary)
    {
        return switchover::prove(context, step, None).await;
    }
    if let Action::Patroni(PatroniAction::Failover { .. }) = &step.action
        && observation.facts(&step.node).is_some_and(HostFacts::is_primary)
    {
        return failover::prove(context, step).await;
    }
    match observation.facts(&step.node).is_some_and(|facts| done(&step.action, facts)) {
        true => Ok(Some("done, as seen after the connection was lost".into())),
        false => context.act(step).await,
    }
}
