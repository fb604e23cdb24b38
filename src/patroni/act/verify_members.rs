//! Whether the cluster is whole, by each node's own word.

use std::sync::Arc;
use std::time::Duration;

use super::Context;
use crate::kernel::model::NodeName;
use crate::kernel::run::Outcome;
use crate::kernel::run::poll::{Awaited, Look, Sign, Wait, Waited};
use crate::kernel::run::step_error::StepError;
use crate::patroni::judge::Basis;
use crate::patroni::judge::birth::{Standing, standing};
use crate::patroni::judge::{reach, whole};
use crate::patroni::observation::Observation;
use crate::patroni::plan::Step;

const POLL: Duration = Duration::from_millis(300);
/// Patroni makes slots and chooses synchronous standbys once in its loop, which takes up to 10 s.
const PATIENCE: Duration = Duration::from_secs(60);

pub async fn apply(context: &Arc<Context>, step: &Step, nodes: &[NodeName], synchronous: usize) -> Outcome {
    let wait =
        Wait::new(POLL, PATIENCE).told(&*context.reporter, &step.id).interrupted_by(&context.interrupt);
    match wait.until(Whole { context, nodes, synchronous }).await? {
        Waited::Found(leader) => Ok(Some(format!("{leader} leads"))),
        Waited::Idle(why) => {
            Err(StepError::new(format!("the cluster is not whole: {why}")).left("all its servers run"))
        }
    }
}

/// These nodes are one cluster by their own word, and so many standbys are synchronous.
pub struct Whole<'a> {
    pub context: &'a Context,
    pub nodes: &'a [NodeName],
    pub synchronous: usize,
}

impl Awaited for Whole<'_> {
    /// Who leads.
    type Found = NodeName;

    async fn look(&mut self) -> Result<Look<NodeName>, StepError> {
        self.ask(&self.context.observe().await)
    }
}

impl Whole<'_> {
    /// What these facts say. Errors: there is no cluster any more.
    pub fn ask(&self, observation: &Observation) -> Result<Look<NodeName>, StepError> {
        let basis = Basis { inventory: &self.context.inventory, observation };
        let matters = |node: &NodeName| self.nodes.contains(node);
        let mut unseen = reach::unseen(&basis);
        unseen.retain(|finding| finding.node.as_ref().is_none_or(matters));
        let findings = match standing(&basis) {
            _ if !unseen.is_empty() => unseen,
            Ok(Standing::Led { leader, .. }) => {
                match whole::among(&basis, &leader, matters, self.synchronous) {
                    findings if findings.is_empty() => return Ok(Look::Found(leader)),
                    findings => findings,
                }
            }
            Ok(Standing::Unborn | Standing::Seeded { .. } | Standing::Founding(_)) => {
                return Err(StepError::surprise("no server is a primary"));
            }
            Err(findings) => findings,
        };
        let told: Vec<_> = findings.iter().map(ToString::to_string).collect();
        Ok(Look::NotYet(Sign::word(told.join("; "))))
    }
}
