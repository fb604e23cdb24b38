//! Whether the cluster is whole, by each node's own word.

use std::sync::Arc;
use std::time::Duration;

use super::Context;
use crate::kernel::model::NodeName;
use crate::kernel::run::Outcome;
use crate::kernel::run::poll::{Awaited, Look, Sign, Wait, Waited};
use crate::kernel::run::step_error::StepError;
use crate::patroni::inventory::Inventory;
use crate::patroni::judge::Basis;
use crate::patroni::judge::birth::{Standing, standing};
use crate::patroni::judge::{reach, whole};
use crate::patroni::plan::Step;

const POLL: Duration = Duration::from_secs(1);
/// Patroni makes slots and chooses synchronous standbys once in its loop, which takes up to 10 s.
const PATIENCE: Duration = Duration::from_secs(60);

pub async fn apply(context: &Arc<Context>, step: &Step, nodes: &[NodeName]) -> Outcome {
    let inventory = context.inventory.only(nodes);
    let wait =
        Wait::new(POLL, PATIENCE).told(&*context.reporter, &step.id).interrupted_by(&context.interrupt);
    match wait.until(Whole { context, inventory: &inventory }).await? {
        Waited::Found(leader) => Ok(Some(format!("{leader} leads"))),
        Waited::Idle(why) => {
            Err(StepError::new(format!("the cluster is not whole: {why}")).left("all its servers run"))
        }
    }
}

struct Whole<'a> {
    context: &'a Context,
    /// With the nodes that are to be whole, and no others.
    inventory: &'a Inventory,
}

impl Awaited for Whole<'_> {
    /// Who leads.
    type Found = NodeName;

    async fn look(&mut self) -> Result<Look<NodeName>, StepError> {
        let observation = self.context.observe_as(self.inventory).await;
        let basis = Basis { inventory: self.inventory, observation: &observation };
        let unseen = reach::unseen(&basis);
        let findings = match standing(&basis) {
            _ if !unseen.is_empty() => unseen,
            Ok(Standing::Led { leader, .. }) => match whole::findings(&basis, &leader) {
                findings if findings.is_empty() => return Ok(Look::Found(leader)),
                findings => findings,
            },
            Ok(Standing::Unborn | Standing::Founding(_)) => {
                return Err(StepError::surprise("no server is a primary"));
            }
            Err(findings) => findings,
        };
        let told: Vec<_> = findings.iter().map(ToString::to_string).collect();
        Ok(Look::NotYet(Sign::word(told.join("; "))))
    }
}
