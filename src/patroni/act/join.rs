//! Starting Patroni on a node of a cluster that is led.

use std::sync::Arc;
use std::time::Duration;

use super::Context;
use super::starting::{POLL, idle, seen, start};
use crate::kernel::model::NodeName;
use crate::kernel::run::Outcome;
use crate::kernel::run::poll::{Awaited, Look, Sign, Wait, Waited};
use crate::kernel::run::step_error::StepError;
use crate::patroni::observation::Born;
use crate::patroni::plan::Step;

/// Starts Patroni, which copies the primary's data where the node has none, and waits until the node streams.
pub async fn apply(context: &Arc<Context>, step: &Step, leader: &NodeName, patience: u64) -> Outcome {
    still_born(context).await?;
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

/// Where etcd does not have the key, Patroni would make a cluster of this node, and not join it to one.
async fn still_born(context: &Context) -> Result<(), StepError> {
    let why = match context.observe().await.born() {
        Born::Yes(_) => return Ok(()),
        Born::No | Born::NoStore => "etcd has no key `initialize` any more".to_owned(),
        Born::Unknown(reasons) => format!("etcd does not tell its keys: {}", reasons.join("; ")),
    };
    let message = format!("{why}; a Patroni that starts now would found a cluster of its own");
    Err(StepError::surprise(message).left("no Patroni was started there"))
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
