//! The birth of a cluster from the data of a standalone server that has stopped.

use std::sync::Arc;

use super::starting::start;
use super::{Context, start_first, take_over};
use crate::kernel::model::NodeName;
use crate::kernel::run::Outcome;
use crate::kernel::run::step_error::StepError;
use crate::patroni::facts::{DataState, HostFacts, Line, SystemId};
use crate::patroni::judge::birth::{Standing, standing};
use crate::patroni::judge::{Basis, reach};
use crate::patroni::observe;
use crate::patroni::plan::Step;

/// Asks all hosts once more whether anybody has anything, starts Patroni on the seed, and waits until it is the primary of
/// the cluster that etcd knows by its identity, with all that its data held.
pub async fn apply(context: &Arc<Context>, step: &Step, id: &SystemId, patience: u64) -> Outcome {
    let line = still_seed(context, &step.node, id)
        .await
        .map_err(|error| error.left("no Patroni was started").left(take_over::back(step)))?;
    start(context, &step.node).await?;
    start_first::with_all_of(context, step, &line, patience).await
}

/// Time has passed since the plan was made. Returns how far the data go.
async fn still_seed(context: &Context, node: &NodeName, id: &SystemId) -> Result<Line, StepError> {
    let mut observation = context.observe().await;
    observation.recovered = Some(observe::recover::recover(&observation, &context.fleet).await);
    let basis = Basis { inventory: &context.inventory, observation: &observation };
    let unseen = reach::unseen(&basis);
    let refusals = match standing(&basis) {
        _ if !unseen.is_empty() => unseen,
        Ok(Standing::Seeded { seed, id: own }) if seed == *node && own == *id => Vec::new(),
        Ok(_) => return Err(StepError::surprise("etcd has a cluster by now, or the seed's data are gone")),
        Err(refusals) => refusals,
    };
    if !refusals.is_empty() {
        let told: Vec<_> = refusals.iter().map(ToString::to_string).collect();
        return Err(StepError::surprise(told.join("; ")));
    }
    let facts = observation.facts(node);
    let state = facts.and_then(|facts| facts.datadir.control.told()).map(|control| &control.state);
    if facts.is_none_or(HostFacts::server_runs) || state != Some(&DataState::ShutDown) {
        return Err(StepError::surprise("somebody has started its standalone server again"));
    }
    observation.line(node).ok_or_else(|| StepError::surprise("how far its WAL goes was not told"))
}
