//! Hosts → news of each, for as long as somebody listens.

use std::sync::Arc;
use std::time::{Duration, Instant};

use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel};
use tokio::task::JoinSet;
use tokio::time::{MissedTickBehavior, interval, sleep};

use super::{ArbitratorFacts, ProxyFacts, Reports, ask_arbitrator, ask_one, ask_proxy, glance};
use crate::galera::endpoint::Endpoint;
use crate::galera::facts::{Glance, HostFacts, Rates};
use crate::galera::inventory::ROLE;
use crate::galera::inventory::{Inventory, Node};
use crate::galera::proxy::Kind;
use crate::kernel::facts::{Seen, Unseen};
use crate::kernel::inventory::Placement;
use crate::kernel::model::{NodeName, Secrets};
use crate::kernel::transport::{Fleet, Host};

/// A whole look measures the data directory, and so is not taken every few seconds.
const WHOLE_LOOK_EVERY: Duration = Duration::from_secs(60);
/// Nor more often than this, where a server comes and goes.
const WHOLE_LOOK_AT_MOST_EVERY: Duration = Duration::from_secs(10);
/// The first rates come at once, of this time.
const FIRST_SAMPLE: Duration = Duration::from_millis(500);

/// Arbitrators and proxies have no counters that move.
const BESIDE_EVERY: Duration = Duration::from_secs(10);

/// One host, as it is now.
pub enum News {
    Node {
        node: NodeName,
        seen: Seen<HostFacts>,
        /// What its counters did since the look before.
        rates: Option<Rates>,
        /// When this look began.
        asked: Instant,
    },
    Arbitrator {
        name: NodeName,
        seen: Seen<ArbitratorFacts>,
    },
    Proxy {
        name: NodeName,
        seen: Seen<ProxyFacts>,
    },
}

/// Looks at every host, each in its own time: one that hangs holds up no other. Ends with the
/// receiver, or with the set of tasks.
pub fn watch(
    inventory: &Arc<Inventory>,
    fleet: &Arc<Fleet>,
    every: Duration,
) -> (JoinSet<()>, UnboundedReceiver<News>) {
    let (sender, news) = unbounded_channel();
    let mut tasks = JoinSet::new();
    for node in inventory.nodes.iter().cloned() {
        let follower = Follower {
            node,
            inventory: Arc::clone(inventory),
            fleet: Arc::clone(fleet),
            whole: JoinSet::new(),
            asked: None,
            facts: None,
            glance: None,
        };
        tasks.spawn(follower.follow(every, sender.clone()));
    }
    let hosts = inventory.hosts();
    for machine in hosts.iter() {
        for member in hosts.on(&machine.name).filter(|member| member.role != ROLE) {
            let endpoint = inventory.endpoint;
            tasks.spawn(follow_beside(member.clone(), endpoint, Arc::clone(fleet), sender.clone()));
        }
    }
    (tasks, news)
}

/// Follows an arbitrator or a proxy.
async fn follow_beside(
    member: Placement,
    endpoint: Option<Endpoint>,
    fleet: Arc<Fleet>,
    news: UnboundedSender<News>,
) {
    let mut ticks = interval(BESIDE_EVERY);
    ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    loop {
        ticks.tick().await;
        let (host, name) = (fleet.reach(&member.host).await, member.member.clone());
        let proxy = endpoint.and_then(|endpoint| Some((Kind::of_role(member.role)?, endpoint)));
        let told = match (host, proxy) {
            (Ok(host), Some((kind, endpoint))) => {
                News::Proxy { seen: ask_proxy(&name, kind, endpoint, &host).await, name }
            }
            (Ok(host), None) => News::Arbitrator { seen: ask_arbitrator(&name, &host).await, name },
            (Err(error), Some(_)) => News::Proxy { name, seen: Seen::Unreachable(error.unseen()) },
            (Err(error), None) => News::Arbitrator { name, seen: Seen::Unreachable(error.unseen()) },
        };
        if news.send(told).is_err() {
            return;
        }
    }
}

struct Follower {
    node: Node,
    inventory: Arc<Inventory>,
    fleet: Arc<Fleet>,
    /// A whole look that is under way.
    whole: JoinSet<Reports>,
    asked: Option<Instant>,
    facts: Option<HostFacts>,
    glance: Option<Glance>,
}

impl Follower {
    async fn follow(mut self, every: Duration, news: UnboundedSender<News>) {
        let mut ticks = interval(every);
        ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
        loop {
            ticks.tick().await;
            let asked = Instant::now();
            let (seen, rates) = match self.look().await {
                Ok((facts, rates)) => (Seen::Facts(Box::new(facts)), rates),
                Err(why) => {
                    (self.facts, self.glance, self.asked) = (None, None, None);
                    // What hangs on a connection that is gone is not waited for.
                    self.whole = JoinSet::new();
                    (Seen::Unreachable(why), None)
                }
            };
            if news.send(News::Node { node: self.node.name.clone(), seen, rates, asked }).is_err() {
                return;
            }
        }
    }

    async fn look(&mut self) -> Result<(HostFacts, Option<Rates>), Unseen> {
        let host = self.fleet.reach(&self.node.host).await.map_err(|error| error.unseen())?;
        let mut facts = self.facts(&host).await?;
        let ask = || glance::ask(&self.inventory, &host, &facts.socket);
        let earlier = match self.glance.take() {
            Some(earlier) => earlier,
            None => {
                let first = ask().await?;
                sleep(FIRST_SAMPLE).await;
                first
            }
        };
        let glance = ask().await?;
        glance.onto(&mut facts);
        let rates = glance.rates_since(&earlier);
        if glance.is_new_since(&earlier) {
            self.asked = self.asked.filter(|asked| asked.elapsed() < WHOLE_LOOK_AT_MOST_EVERY);
        }
        self.glance = Some(glance);
        Ok((facts, rates))
    }

    /// What the last whole look saw. Only the first one is waited for.
    async fn facts(&mut self, host: &Arc<Host>) -> Result<HostFacts, Unseen> {
        if self.whole.is_empty() && self.asked.is_none_or(|asked| asked.elapsed() > WHOLE_LOOK_EVERY) {
            let (inventory, node, host) =
                (Arc::clone(&self.inventory), self.node.name.clone(), Arc::clone(host));
            self.whole.spawn(async move { ask_one(&inventory, &node, &host).await });
            self.asked = Some(Instant::now());
        }
        let looked = match &self.facts {
            Some(_) => self.whole.try_join_next(),
            None => self.whole.join_next().await,
        };
        if let Some(Ok(reports)) = looked {
            let mut secrets = Secrets::default();
            reports.take_over(&self.inventory, &mut secrets);
            match reports.observation(&secrets).nodes.remove(&self.node.name) {
                Some(Seen::Facts(facts)) => self.facts = Some(*facts),
                Some(Seen::Unreachable(why)) if self.facts.is_none() => return Err(why),
                // It is tried again, and the small looks tell meanwhile.
                _ => {}
            }
        }
        self.facts.clone().ok_or_else(|| "it was not scanned".into())
    }
}
