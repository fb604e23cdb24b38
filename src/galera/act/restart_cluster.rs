//! Starting a cluster again from the node that was chosen. As a bootstrap, it must not happen twice.

use std::sync::Arc;

use super::new_cluster::{prove, run_script};
use super::{Context, Outcome, record};
use crate::galera::facts::{Grastate, HostFacts};
use crate::galera::model::Gtid;
use crate::galera::observation::Observation;
use crate::kernel::facts::Seen;
use crate::kernel::model::{NodeName, UnitName};
use crate::kernel::run::step_error::StepError;

pub async fn apply(
    context: &Arc<Context>,
    node: &NodeName,
    unit: &UnitName,
    position: &Gtid,
    unseen: &[NodeName],
) -> Outcome {
    look_again(context, node, position, unseen).await?;
    run_script(context, node, unit, Some(position)).await?;
    record::passed(context, node, std::slice::from_ref(position)).await?;
    prove(context, node, Some(&position.uuid)).await
}

/// In the moment before: nobody is in the way, and this node still holds what it was chosen for.
async fn look_again(
    context: &Context,
    node: &NodeName,
    position: &Gtid,
    unseen: &[NodeName],
) -> Result<(), StepError> {
    let observation = context.observe().await;
    nobody_in_the_way(&observation, unseen)?;
    let held = observation.facts(node).map(|facts| &facts.datadir.grastate);
    match held {
        Some(Grastate::Saved(saved))
            if saved.position.uuid == position.uuid && saved.safe_to_bootstrap == Some(true) =>
        {
            Ok(())
        }
        held => {
            let held = held.map_or_else(|| "it was not seen".to_owned(), ToString::to_string);
            let message = format!("its grastate.dat is not what it was left as: {held}");
            Err(StepError::surprise(message).left("nothing was started"))
        }
    }
}

/// Every node that was not given up by name is seen, none of them that was ever a member runs a server, and
/// no bootstrap intent is set.
///
/// Errors: who is in the way.
pub(super) fn nobody_in_the_way(observation: &Observation, unseen: &[NodeName]) -> Result<(), StepError> {
    for (name, seen) in &observation.nodes {
        let trouble = match seen {
            Seen::Facts(facts) => in_the_way(facts),
            Seen::Unreachable(_) if unseen.contains(name) => None,
            Seen::Unreachable(why) => {
                let error = StepError::surprise(format!("{name} cannot be seen any more: {why}"));
                return Err(StepError { lost: true, ..error }.left("nothing was started"));
            }
        };
        if let Some(trouble) = trouble {
            return Err(StepError::surprise(format!("{name}: {trouble}")).left("nothing was started"));
        }
    }
    Ok(())
}

fn in_the_way(facts: &HostFacts) -> Option<String> {
    if facts.server_runs() && !facts.is_standalone() {
        return Some("a server runs there now".into());
    }
    facts.intents.first().map(|intent| format!("a bootstrap intent is set: {intent}"))
}
