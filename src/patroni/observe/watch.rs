//! Hosts → news of each, for as long as somebody listens.

use std::sync::Arc;
use std::time::{Duration, Instant};

use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel};
use tokio::task::JoinSet;
use tokio::time::{MissedTickBehavior, interval};

use super::{PROXY_DEADLINE, Reports, ask_node, data_node, look, see, store};
use crate::kernel::facts::{Report, Seen, Unseen};
use crate::kernel::model::{HostName, NodeName, Secrets};
use crate::kernel::transport::asking::report;
use crate::kernel::transport::{Fleet, Host, RemoteCommand};
use crate::patroni::config::folder;
use crate::patroni::facts::{EtcdHostFacts, Glance, HostFacts, Live};
use crate::patroni::inventory::{Inventory, Node};
use crate::patroni::proxy;
use crate::patroni::proxy::facts::ProxyFacts;

/// A whole look reads files and measures the data directory, and so is not taken every few seconds.
const WHOLE_LOOK_EVERY: Duration = Duration::from_secs(60);
/// Nor more often than this, where a server comes and goes.
const WHOLE_LOOK_AT_MOST_EVERY: Duration = Duration::from_secs(10);
const GLANCE_DEADLINE: Duration = Duration::from_secs(30);
/// Proxies, and machines that only keep etcd.
const BESIDE_EVERY: Duration = Duration::from_secs(5);

/// One host, as it is now.
pub enum News {
    Node {
        node: NodeName,
        seen: Seen<HostFacts>,
        /// Bytes of WAL in a second, which it has written or received since the look before.
        wal: Option<f64>,
        /// When this look began.
        asked: Instant,
    },
    EtcdHost {
        name: NodeName,
        seen: Seen<EtcdHostFacts>,
    },
    Proxy {
        name: NodeName,
        seen: Seen<ProxyFacts>,
    },
}

/// Looks at every host, each in its own time: one that hangs holds up no other. Ends with the receiver, or with the set
/// of tasks. `secrets`: the passwords that this machine has.
pub fn watch(
    inventory: &Arc<Inventory>,
    fleet: &Arc<Fleet>,
    secrets: &Secrets,
    every: Duration,
) -> (JoinSet<()>, UnboundedReceiver<News>) {
    let (sender, news) = unbounded_channel();
    let mut tasks = JoinSet::new();
    for node in inventory.nodes.iter().cloned() {
        let follower = Follower {
            node,
            inventory: Arc::clone(inventory),
            fleet: Arc::clone(fleet),
            secrets: secrets.clone(),
            whole: JoinSet::new(),
            asked: None,
            facts: None,
            before: None,
        };
        tasks.spawn(follower.follow(every, sender.clone()));
    }
    for member in &inventory.etcd_hosts {
        let look = look::of_etcd_host(&store(inventory, &member.name));
        let command = RemoteCommand::of_pieces(&look.pieces, look.arguments).deadline(GLANCE_DEADLINE);
        let (name, folder) = (member.name.clone(), folder(&inventory.cluster));
        let news = move |told: Result<Report, Unseen>| {
            let mut seen = see(&told, |report| EtcdHostFacts::read(report, &folder));
            if let Seen::Facts(facts) = &mut seen {
                facts.machine.clock = 0.0;
            }
            News::EtcdHost { name: name.clone(), seen }
        };
        tasks.spawn(follow_beside(member.host.clone(), command, news, Arc::clone(fleet), sender.clone()));
    }
    for proxy in &inventory.proxies {
        let Some(ports) = inventory.endpoint else { continue };
        let command = RemoteCommand::of_pieces(&proxy::look::SCRIPT, proxy::look::arguments(ports));
        let name = proxy.name.clone();
        let news = move |told: Result<Report, Unseen>| News::Proxy {
            name: name.clone(),
            seen: see(&told, ProxyFacts::read),
        };
        let command = command.deadline(PROXY_DEADLINE);
        tasks.spawn(follow_beside(proxy.host.clone(), command, news, Arc::clone(fleet), sender.clone()));
    }
    (tasks, news)
}

/// Follows a host that is no data node.
async fn follow_beside(
    host: HostName,
    command: RemoteCommand,
    read: impl Fn(Result<Report, Unseen>) -> News,
    fleet: Arc<Fleet>,
    news: UnboundedSender<News>,
) {
    let mut ticks = interval(BESIDE_EVERY);
    ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    loop {
        ticks.tick().await;
        let told = match fleet.reach(&host).await {
            Ok(host) => report(&host, command.clone()).await,
            Err(error) => Err(error.unseen()),
        };
        if news.send(read(told)).is_err() {
            return;
        }
    }
}

struct Follower {
    node: Node,
    inventory: Arc<Inventory>,
    fleet: Arc<Fleet>,
    secrets: Secrets,
    /// A whole look that is under way.
    whole: JoinSet<Reports>,
    asked: Option<Instant>,
    facts: Option<HostFacts>,
    /// The last short look, and when it was taken.
    before: Option<(Instant, Option<Live>)>,
}

impl Follower {
    async fn follow(mut self, every: Duration, news: UnboundedSender<News>) {
        let mut ticks = interval(every);
        ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
        loop {
            ticks.tick().await;
            let asked = Instant::now();
            let (seen, wal) = match self.look().await {
                Ok((facts, wal)) => (Seen::Facts(Box::new(facts)), wal),
                Err(why) => {
                    (self.facts, self.before, self.asked) = (None, None, None);
                    // What hangs on a connection that is gone is not waited for.
                    self.whole = JoinSet::new();
                    (Seen::Unreachable(why), None)
                }
            };
            if news.send(News::Node { node: self.node.name.clone(), seen, wal, asked }).is_err() {
                return;
            }
        }
    }

    async fn look(&mut self) -> Result<(HostFacts, Option<f64>), Unseen> {
        let host = self.fleet.reach(&self.node.host).await.map_err(|error| error.unseen())?;
        let mut facts = self.facts(&host).await?;
        let glance = self.glance(&host).await?;
        let (now, live) = (Instant::now(), glance.server.told().map(|live| live.as_ref().clone()));
        let before = self.before.replace((now, live.clone()));
        let (wal, changed) = match (&before, &live) {
            (Some((then, Some(before))), Some(live)) => {
                (rate(before, live, now.duration_since(*then)), line(before) != line(live))
            }
            (Some((_, before)), live) => (None, before.is_some() != live.is_some()),
            (None, _) => (None, false),
        };
        if changed {
            self.asked = self.asked.filter(|asked| asked.elapsed() < WHOLE_LOOK_AT_MOST_EVERY);
        }
        glance.onto(&mut facts);
        Ok((facts, wal))
    }

    async fn glance(&self, host: &Arc<Host>) -> Result<Glance, Unseen> {
        let look = look::glance(&data_node(&self.inventory, &self.node));
        let command = RemoteCommand::of_pieces(&look.pieces, look.arguments).deadline(GLANCE_DEADLINE);
        let told = report(host, command).await?;
        Glance::read(&told, &folder(&self.inventory.cluster)).map_err(|error| error.to_string().into())
    }

    /// What the last whole look saw. Only the first one is waited for.
    async fn facts(&mut self, host: &Arc<Host>) -> Result<HostFacts, Unseen> {
        if self.whole.is_empty() && self.asked.is_none_or(|asked| asked.elapsed() > WHOLE_LOOK_EVERY) {
            let (inventory, node, host) = (Arc::clone(&self.inventory), self.node.clone(), Arc::clone(host));
            self.whole.spawn(async move { ask_node(&inventory, &node, &host).await });
            self.asked = Some(Instant::now());
        }
        let looked = match &self.facts {
            Some(_) => self.whole.try_join_next(),
            None => self.whole.join_next().await,
        };
        if let Some(Ok(reports)) = looked {
            let mut secrets = self.secrets.clone();
            reports.complete(&mut secrets);
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

/// What a server is, and on which timeline.
fn line(live: &Live) -> (bool, u32) {
    (live.in_recovery, live.timeline.number())
}

/// Bytes of WAL in a second between two looks at a server that has stayed what it was.
fn rate(before: &Live, now: &Live, between: Duration) -> Option<f64> {
    let grown = now.end()?.since(before.end()?);
    let seconds = between.as_secs_f64();
    #[allow(clippy::cast_precision_loss, reason = "shown with two digits")]
    let rate = grown as f64 / seconds;
    (line(before) == line(now) && seconds > 0.0).then_some(rate)
}
