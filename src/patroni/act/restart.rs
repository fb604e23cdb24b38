//! A server restarts through its Patroni, which keeps the leader's key meanwhile where it is the primary.

use std::sync::Arc;
use std::time::Duration;

use serde_json::json;

use super::starting::with_last_words;
use super::verify_members::Whole;
use super::{Context, rest};
use crate::kernel::model::NodeName;
use crate::kernel::run::Outcome;
use crate::kernel::run::poll::{Awaited, Look, Sign, Wait, Waited};
use crate::kernel::run::step_error::StepError;
use crate::patroni::facts::{HostFacts, Lsn};
use crate::patroni::plan::{Action, PatroniAction, Step};

const POLL: Duration = Duration::from_secs(1);
/// Patroni chooses synchronous standbys once in its loop.
const PATIENCE: Duration = Duration::from_secs(90);

/// Waits until the cluster is whole, restarts the server, and waits until the cluster is whole again.
pub async fn apply(context: &Arc<Context>, step: &Step) -> Outcome {
    let Action::Patroni(PatroniAction::Restart { primary, nodes, synchronous, patience_seconds, .. }) =
        &step.action
    else {
        return Err(StepError::new("this step restarts no server"));
    };
    let whole = Whole { context, nodes, synchronous: *synchronous };
    let before = Before { whole, node: &step.node, primary: *primary, upto: None };
    let wait =
        Wait::new(POLL, PATIENCE).told(&*context.reporter, &step.id).interrupted_by(&context.interrupt);
    if let Waited::Idle(why) = wait.until(before).await? {
        return Err(StepError::new(format!("the cluster is not whole: {why}")).left("it was not restarted"));
    }
    let patience = Duration::from_secs(*patience_seconds);
    let answered = rest::order(context, &step.node, ["POST", "/restart"], &json!({}), patience).await?;
    if !answered.is_good() {
        let error =
            StepError::new(format!("Patroni did not restart it: {} {}", answered.status, answered.words));
        return Err(with_last_words(context, &step.node, error).await.left("no other node was restarted"));
    }
    let after = Whole { context, nodes, synchronous: *synchronous };
    match Wait::new(POLL, patience).told(&*context.reporter, &step.id).until(after).await? {
        Waited::Found(leader) => Ok(Some(format!("{leader} leads"))),
        Waited::Idle(why) => {
            let error = StepError::new(format!("it was restarted, and the cluster is not whole: {why}"));
            Err(with_last_words(context, &step.node, error).await.left("no other node was restarted"))
        }
    }
}

/// The cluster is whole, and the node is what the plan says. A standby has replayed what the primary had written at the
/// first look: so it knows the primary's settings, and comes up quickly.
struct Before<'a> {
    whole: Whole<'a>,
    node: &'a NodeName,
    primary: bool,
    upto: Option<Lsn>,
}

impl Awaited for Before<'_> {
    type Found = ();

    async fn look(&mut self) -> Result<Look<()>, StepError> {
        let observation = self.whole.context.observe().await;
        let leader = match self.whole.ask(&observation)? {
            Look::Found(leader) => leader,
            Look::NotYet(sign) => return Ok(Look::NotYet(sign)),
        };
        if (leader == *self.node) != self.primary {
            return Err(StepError::surprise(format!("{leader} leads now")).left("it was not restarted"));
        }
        let live = |name| observation.facts(name).and_then(HostFacts::live);
        let upto = *self.upto.get_or_insert(live(&leader).and_then(|it| it.current).unwrap_or_default());
        let replayed = live(self.node).and_then(|it| it.replayed).unwrap_or_default();
        match self.primary || replayed >= upto {
            true => Ok(Look::Found(())),
            false => {
                let sign =
                    Sign::word(format!("it has replayed up to {replayed}, and the primary is at {upto}"));
                Ok(Look::NotYet(sign))
            }
        }
    }
}
