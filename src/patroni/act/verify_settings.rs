//! Whether all nodes have the settings that the inventory asks for.

use std::sync::Arc;
use std::time::Duration;

use super::Context;
use crate::kernel::model::NodeName;
use crate::kernel::run::Outcome;
use crate::kernel::run::poll::{Awaited, Look, Sign, Wait, Waited};
use crate::kernel::run::step_error::StepError;
use crate::patroni::config::{DynamicConfig, same};
use crate::patroni::facts::HostFacts;
use crate::patroni::plan::Step;

const POLL: Duration = Duration::from_secs(1);

/// Patroni sees once in its loop that nothing waits for a restart any more.
pub async fn apply(context: &Arc<Context>, step: &Step, nodes: &[NodeName]) -> Outcome {
    let patience = Duration::from_secs(context.loops());
    let wait =
        Wait::new(POLL, patience).told(&*context.reporter, &step.id).interrupted_by(&context.interrupt);
    match wait.until(Settled { context, nodes }).await? {
        Waited::Found(()) => Ok(None),
        Waited::Idle(why) => Err(StepError::new(format!("the settings are not the inventory's: {why}"))
            .left("all servers run; the same command once more restarts what waits for it")),
    }
}

struct Settled<'a> {
    context: &'a Context,
    nodes: &'a [NodeName],
}

impl Awaited for Settled<'_> {
    type Found = ();

    async fn look(&mut self) -> Result<Look<()>, StepError> {
        let observation = self.context.observe().await;
        let wanted = DynamicConfig::of(&self.context.inventory);
        for name in self.nodes {
            let facts = observation.facts(name);
            let why = match facts {
                None => Some("it was not seen".to_owned()),
                Some(facts) => unsettled(facts, &wanted),
            };
            if let Some(why) = why {
                return Ok(Look::NotYet(Sign::word(format!("{name}: {why}"))));
            }
        }
        Ok(Look::Found(()))
    }
}

/// What of a node is not as it is to be.
fn unsettled(facts: &HostFacts, wanted: &DynamicConfig) -> Option<String> {
    let Some(live) = facts.live() else { return Some("its server gives no answer".into()) };
    if !live.pending_restart.is_empty() {
        return Some(format!("{} wait for a restart", live.pending_restart.join(", ")));
    }
    let (Some(node), Some(found)) = (facts.patroni.node.told(), facts.patroni.config.told()) else {
        return Some("its Patroni gives no answer".into());
    };
    if node.pending_restart {
        return Some("Patroni says that its server has to be restarted".into());
    }
    if let Some(difference) = wanted.differences(found).first() {
        return Some(format!("{} is another one in the dynamic configuration", difference.path));
    }
    let other = |(name, now): (&String, &String)| {
        let wanted = wanted.parameter(name)?;
        (!same(wanted, now)).then(|| format!("{name} is {now} instead of {wanted}"))
    };
    live.settings.iter().find_map(other)
}
