//! After the whole cluster was stopped: one node begins the next start, and it has everything.

use super::{Context, Outcome};
use crate::galera::facts::{Grastate, SavedState};
use crate::galera::model::Seqno;
use crate::galera::observation::Observation;
use crate::kernel::judge::PLACE;
use crate::kernel::model::NodeName;
use crate::kernel::run::step_error::StepError;

pub async fn apply(context: &Context, seed: &NodeName, others: &[NodeName]) -> Outcome {
    let observation = context.observe().await;
    let last = stopped(&observation, seed)?;
    if last.safe_to_bootstrap != Some(true) {
        return Err(StepError::surprise(format!(
            "{seed} stopped last, and is not marked as safe to bootstrap"
        ))
        .left(format!("galactl recover {PLACE} decides by what the nodes hold")));
    }
    for (node, facts) in observation.seen().filter(|(node, _)| others.contains(node)) {
        // A node that was down before the plan may have no saved state now either; `start` decides about it.
        let Grastate::Saved(state) = &facts.datadir.grastate else { continue };
        let ahead = matches!((state.position.seqno, last.position.seqno), (Seqno::At(own), Seqno::At(seed)) if own > seed);
        if facts.server_runs() || state.safe_to_bootstrap == Some(true) || ahead {
            let message = format!(
                "{node} is at {}, and {seed}, which stopped last, at {}",
                state.position, last.position
            );
            return Err(StepError::surprise(message)
                .left(format!("galactl recover {PLACE} decides by what the nodes hold")));
        }
    }
    Ok(Some(format!("{seed} alone is safe to bootstrap, at {}", last.position)))
}

fn stopped<'a>(observation: &'a Observation, node: &NodeName) -> Result<&'a SavedState, StepError> {
    let facts = observation
        .facts(node)
        .ok_or_else(|| StepError::surprise(format!("{node} cannot be seen any more")))?;
    match &facts.datadir.grastate {
        Grastate::Saved(state) if !facts.server_runs() && matches!(state.position.seqno, Seqno::At(_)) => {
            Ok(state)
        }
        state => Err(StepError::surprise(format!("{node} did not stop cleanly: {state}"))),
    }
}
