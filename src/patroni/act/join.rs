//! Starting Patroni on a node of a cluster that is led.

use std::sync::Arc;
use std::time::Duration;

use super::glance::Glance;
use super::starting::{POLL, idle, seen, start};
use super::{Context, rest};
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
    match wait.until(Streaming { context, node: &step.node, leader, got_to: Got::Nothing }).await? {
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

/// How far a node has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Got {
    Nothing,
    /// There are data, so etcd knows the member.
    Data,
    /// Its server answers.
    Up,
    Streaming,
}

impl Got {
    fn of(seen: &Glance) -> Self {
        match &seen.server {
            Some(server) if server.streams() => Self::Streaming,
            Some(_) => Self::Up,
            None if seen.bytes > 0 => Self::Data,
            None => Self::Nothing,
        }
    }
}

struct Streaming<'a> {
    context: &'a Arc<Context>,
    node: &'a NodeName,
    leader: &'a NodeName,
    got_to: Got,
}

impl Streaming<'_> {
    /// The primary's Patroni makes the node's slot, without which nothing is streamed, and lets commits wait for it once
    /// it streams. It does both in its loop, so it is woken where there may be something to do.
    async fn wake_primary(&mut self, got_to: Got) {
        if got_to > self.got_to {
            self.got_to = got_to;
            rest::wake(self.context, self.leader).await;
        }
    }
}

impl Awaited for Streaming<'_> {
    type Found = ();

    async fn look(&mut self) -> Result<Look<()>, StepError> {
        let seen = seen(self.context, self.node).await?;
        self.wake_primary(Got::of(&seen)).await;
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

#[cfg(test)]
mod tests {
    use super::super::glance::Server;
    use super::*;

    /// The primary is woken where a node has come further, and never for one that stands still.
    #[test]
    fn a_node_comes_from_nothing_to_streaming() {
        let server = |receiver: Option<&str>| {
            let receiver = receiver.map(str::to_owned);
            Some(Server { in_recovery: true, system_id: "7300000000000000001".into(), receiver })
        };
        let got = |bytes, server| Got::of(&Glance { bytes, server, ..Glance::default() });
        let way = [
            (got(0, None), Got::Nothing),
            (got(4096, None), Got::Data),
            (got(0, server(None)), Got::Up),
            (got(0, server(Some("waiting"))), Got::Up),
            (got(0, server(Some("streaming"))), Got::Streaming),
        ];
        assert!(way.iter().all(|(got, expected)| got == expected), "{way:?}");
        assert!(way.is_sorted_by_key(|(got, _)| *got));
    }
}
