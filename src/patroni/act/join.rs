//! Starting Patroni on a node of a cluster that is led.

use std::sync::Arc;
use std::time::Duration;

use super::Context;
use super::starting::{POLL, idle, seen, start};
use crate::kernel::model::NodeName;
use crate::kernel::run::Outcome;
use crate::kernel::run::poll::{Awaited, Look, Sign, Wait, Waited};
use crate::kernel::run::step_error::StepError;
use crate::patroni::observation::{Born, Store};
use crate::patroni::plan::Step;

/// Starts Patroni, which copies the primary's data where the node has none, and waits until the node streams.
pub async fn apply(context: &Arc<Context>, step: &Step, leader: &NodeName, patience: u64) -> Outcome {
    still_led(context, leader).await?;
    start(context, &step.node).await?;
    let wait = Wait::new(POLL, Duration::from_secs(patience)).told(&*context.reporter, &step.id);
    match wait.until(Streaming { context, node: &step.node, leader }).await? {
        Waited::Found(()) => Ok(None),
        Waited::Idle(word) => {
            let is_not = format!("it does not stream from {leader}");
            Err(idle(context, &step.node, &is_not, &word, patience).await)
        }
    }
}

/// Where a quorum of etcd does not have the key, Patroni would make a cluster of this node, and not join it to one. And
/// where another node leads by now, nobody has compared what it has with what this one has.
async fn still_led(context: &Context, leader: &NodeName) -> Result<(), StepError> {
    let observation = context.observe().await;
    let has_key = |store| observation.agreed(store).is_some_and(|keys| keys.initialize.is_some());
    let surprise = |message: String| StepError::surprise(message).left("no Patroni was started there");
    if ![Store::V2, Store::V3].into_iter().any(has_key) {
        let message = match observation.born() {
            Born::Unknown(reasons) => format!("etcd does not tell its keys: {}", reasons.join("; ")),
            _ => "etcd has no key `initialize` any more".to_owned(),
        };
        return Err(surprise(format!(
            "{message}; a Patroni that starts now would found a cluster of its own"
        )));
    }
    let leads = observation.primaries().next().map(|(name, _)| name);
    match leads {
        Some(name) if name == leader => Ok(()),
        Some(name) => Err(surprise(format!("{name} leads now, and the plan was made for {leader}"))),
        None => Err(surprise(format!("{leader} is no primary any more, and nobody else is one yet"))),
    }
}

struct Streaming<'a> {
    context: &'a Arc<Context>,
    node: &'a NodeName,
    leader: &'a NodeName,
}

impl Awaited for Streaming<'_> {
    type Found = ();

    async fn look(&mut self) -> Result<Look<()>, StepError> {
        let seen = seen(self.context, self.node).await?;
        match seen.server {
            Some(server) if server.streams() => Ok(Look::Found(())),
            Some(server) if !server.in_recovery => {
                Err(StepError::surprise(format!("it is a primary, and {} was to be", self.leader)))
            }
            Some(_) => Ok(Look::NotYet(Sign::word("it has the data, and waits for the primary's changes"))),
            None => Ok(Look::NotYet(Sign::word(format!("{} bytes of data, and no answer yet", seen.bytes)))),
        }
    }
}
