//! The founding of a cluster: the one step after which there is a cluster where there was none.

use std::sync::Arc;
use std::time::Duration;

use super::Context;
use super::starting::{POLL, idle, seen, start};
use crate::kernel::model::NodeName;
use crate::kernel::run::Outcome;
use crate::kernel::run::poll::{Awaited, Look, Sign, Wait, Waited};
use crate::kernel::run::step_error::StepError;
use crate::patroni::facts::{HostFacts, Initialize};
use crate::patroni::judge::Basis;
use crate::patroni::judge::birth::{Standing, standing};
use crate::patroni::judge::reach;
use crate::patroni::observation::Born;
use crate::patroni::plan::Step;

/// Asks all hosts once more whether anybody has anything, starts the first Patroni, and waits until it is the primary
/// of a cluster that etcd knows by the same identity.
pub async fn apply(context: &Arc<Context>, step: &Step, patience: u64) -> Outcome {
    still_unborn(context).await?;
    start(context, &step.node).await?;
    prove(context, step, patience).await
}

/// Time has passed since the plan was made, and others may have begun as well.
async fn still_unborn(context: &Context) -> Result<(), StepError> {
    let observation = context.observe().await;
    let basis = Basis { inventory: &context.inventory, observation: &observation };
    let unseen = reach::unseen(&basis);
    let refusals = match standing(&basis) {
        _ if !unseen.is_empty() => unseen,
        Ok(Standing::Unborn) => return Ok(()),
        Ok(Standing::Seeded { seed, .. }) => {
            return Err(StepError::surprise(format!("{seed} has data of a standalone server")));
        }
        Ok(Standing::Founding(node)) => {
            return Err(StepError::surprise(format!("{node} has begun to make the cluster already")));
        }
        Ok(Standing::Led { leader, id }) => {
            return Err(StepError::surprise(format!("{leader} leads a cluster of system {id} already")));
        }
        Err(refusals) => refusals,
    };
    let told: Vec<_> = refusals.iter().map(ToString::to_string).collect();
    Err(StepError::surprise(told.join("; ")).left("no Patroni was started"))
}

/// Waits for the founder.
pub async fn prove(context: &Arc<Context>, step: &Step, patience: u64) -> Outcome {
    let awaited = Founded { context, node: &step.node };
    let wait = Wait::new(POLL, Duration::from_secs(patience)).told(&*context.reporter, &step.id);
    match wait.until(awaited).await? {
        Waited::Found(id) => Ok(Some(format!("system {id}"))),
        Waited::Idle(word) => Err(idle(context, &step.node, "it is no primary", &word, patience).await),
    }
}

struct Founded<'a> {
    context: &'a Arc<Context>,
    node: &'a NodeName,
}

impl Awaited for Founded<'_> {
    /// The system identifier.
    type Found = String;

    async fn look(&mut self) -> Result<Look<String>, StepError> {
        let seen = seen(self.context, self.node).await?;
        match seen.server {
            Some(server) if !server.in_recovery => self.known(&server.system_id).await,
            _ => Ok(Look::NotYet(Sign::word(format!("{} bytes of data", seen.bytes)))),
        }
    }
}

impl Founded<'_> {
    /// etcd knows the primary by the same identity, which comes a moment later.
    async fn known(&self, id: &str) -> Result<Look<String>, StepError> {
        let observation = self.context.observe().await;
        let own = observation.facts(self.node).and_then(HostFacts::system_id).map(ToString::to_string);
        let Born::Yes(stores) = observation.born() else {
            return Ok(Look::NotYet(Sign::word("etcd has no key yet")));
        };
        match stores.values().flatten().next() {
            Some(Initialize::By(named)) if named.as_str() == id && own.as_deref() == Some(id) => {
                Ok(Look::Found(id.to_owned()))
            }
            Some(Initialize::By(named)) => {
                Err(StepError::surprise(format!("etcd names system {named}, and this one is {id}")))
            }
            _ => Ok(Look::NotYet(Sign::word("etcd has the key, and no identity yet"))),
        }
    }
}
