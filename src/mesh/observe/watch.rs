//! Hosts → news of each, for as long as somebody listens.

use std::sync::Arc;
use std::time::{Duration, Instant};

use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel};
use tokio::task::JoinSet;
use tokio::time::{MissedTickBehavior, interval};

use super::{Reports, look};
use crate::kernel::facts::{Seen, Unseen};
use crate::kernel::model::{NodeName, Secrets};
use crate::kernel::transport::Fleet;
use crate::kernel::transport::asking::{Told, report};
use crate::mesh::facts::HostFacts;
use crate::mesh::inventory::{Inventory, Node};

/// One node, as it is now.
pub struct News {
    pub node: NodeName,
    pub seen: Seen<HostFacts>,
    /// Bytes of WAL that it has written in a second since the look before.
    pub wal: Option<f64>,
    /// When this look began.
    pub asked: Instant,
}

/// Looks at every node, each in its own time: one that hangs holds up no other. Ends with the receiver, or with the set of
/// tasks. `secrets`: the passwords that this machine has.
pub fn watch(
    inventory: &Arc<Inventory>,
    fleet: &Arc<Fleet>,
    secrets: &Secrets,
    every: Duration,
) -> (JoinSet<()>, UnboundedReceiver<News>) {
    let (sender, news) = unbounded_channel();
    let mut tasks = JoinSet::new();
    for node in inventory.nodes.iter().cloned() {
        let (inventory, fleet) = (Arc::clone(inventory), Arc::clone(fleet));
        let follower = Follower { node, inventory, fleet, secrets: secrets.clone(), before: None };
        tasks.spawn(follower.follow(every, sender.clone()));
    }
    (tasks, news)
}

struct Follower {
    node: Node,
    inventory: Arc<Inventory>,
    fleet: Arc<Fleet>,
    secrets: Secrets,
    /// The last look, and when it was taken.
    before: Option<(Instant, HostFacts)>,
}

impl Follower {
    async fn follow(mut self, every: Duration, news: UnboundedSender<News>) {
        let mut ticks = interval(every);
        ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
        loop {
            ticks.tick().await;
            let asked = Instant::now();
            let seen = self.look().await.unwrap_or_else(Seen::Unreachable);
            let before = self.before.take();
            let mut wal = None;
            if let Seen::Facts(facts) = &seen {
                wal = before.and_then(|(then, before)| rate(&before, facts, then.elapsed()));
                self.before = Some((Instant::now(), facts.as_ref().clone()));
            }
            if news.send(News { node: self.node.name.clone(), seen, wal, asked }).is_err() {
                return;
            }
        }
    }

    async fn look(&self) -> Result<Seen<HostFacts>, Unseen> {
        let host = self.fleet.reach(&self.node.host).await.map_err(|error| error.unseen())?;
        let told = report(&host, look(&self.inventory)).await;
        let reports = Reports(Told::from([(self.node.name.clone(), told)]));
        let mut secrets = self.secrets.clone();
        reports.complete(&mut secrets);
        let seen = reports.observation(&secrets).nodes.remove(&self.node.name);
        seen.ok_or_else(|| "it was not scanned".into())
    }
}

/// Bytes of WAL in a second between two looks at a server.
fn rate(before: &HostFacts, now: &HostFacts, between: Duration) -> Option<f64> {
    let grown = now.live()?.current?.since(before.live()?.current?);
    #[allow(clippy::cast_precision_loss, reason = "shown with two digits")]
    let rate = grown as f64 / between.as_secs_f64();
    (between > Duration::ZERO).then_some(rate)
}
