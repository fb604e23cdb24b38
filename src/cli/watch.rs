//! `galactl watch`

use std::collections::BTreeMap;
use std::io::ErrorKind;
use std::sync::Arc;
use std::time::{Duration, Instant};

use anyhow::Context as _;
use tokio::signal::unix::{Signal, SignalKind, signal};
use tokio::sync::mpsc::UnboundedReceiver;
use tokio::time::{MissedTickBehavior, interval, timeout};

use super::args::SourceArgs;
use super::look;
use super::status_text::unfolded;
use crate::exit::{CommandError, End, Kind};
use crate::galera::config::Renderer;
use crate::galera::facts::{HostFacts, Rates};
use crate::galera::inventory::Inventory;
use crate::galera::observation::Observation;
use crate::galera::observe::watch::{News, watch};
use crate::galera::status::watch::{Histories, Line, Scene, Tone, aged, frame, unsettled};
use crate::galera::status::{Status, status};
use crate::kernel::facts::Seen;
use crate::kernel::judge::Invocation;
use crate::kernel::model::NodeName;
use crate::kernel::transport::Fleet;
use crate::ui::{Printer, Screen};

/// How long the first picture waits for nodes that have not been scanned yet.
const FIRST_PATIENCE: Duration = Duration::from_secs(6);
/// How long to wait until connections are closed: those to hosts that hang are left.
const CLOSED_WITHIN: Duration = Duration::from_secs(2);

/// Watch the whole cluster in the terminal, with its last minutes
///
/// Shows what `galactl status` shows, again and again, and changes nothing. A node that hangs is shown as
/// it was, with its age. `q`, Esc or Ctrl-C leaves, and the terminal is as it was. Without a terminal a
/// status with its time is printed at every interval, until it is interrupted.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  galactl watch shop.yaml                 q leaves
  galactl watch shop.yaml --interval 10   scan every 10 s")]
pub struct Args {
    /// Seconds between two scans of a node
    #[arg(long, value_name = "SECONDS", default_value_t = 2, value_parser = clap::value_parser!(u64).range(1..=3600))]
    interval: u64,
    /// Draw with ASCII only; the default where the locale is not UTF-8
    #[arg(long)]
    ascii: bool,
    #[command(flatten)]
    source: SourceArgs,
}

pub fn run(args: &Args) -> Result<End, CommandError> {
    let inputs = args.source.read()?;
    look::run(async {
        let fleet = Fleet::unconnected(inputs.inventory.hosts(), &inputs.base);
        let fleet = Arc::new(fleet.context("the run's private directory")?);
        let invocation = inputs.invocation();
        let inventory = Arc::new(inputs.inventory);
        let every = Duration::from_secs(args.interval);
        let (mut tasks, news) = watch(&inventory, &fleet, every);
        let ascii = args.ascii || !Printer::shows_utf8();
        let watched = Watched::new(invocation, Arc::clone(&inventory), inputs.renderer, args.interval, ascii);
        let outcome = show(watched, news).await;
        tasks.shutdown().await;
        if let Some(fleet) = Arc::into_inner(fleet) {
            let _ = timeout(CLOSED_WITHIN, fleet.close()).await;
        }
        outcome
    })
}

/// Shows the cluster until the user leaves or a signal comes.
async fn show(mut watched: Watched, mut news: UnboundedReceiver<News>) -> Result<End, CommandError> {
    let mut signals = Signals::listen().context("signals")?;
    let (screen, mut keys) = match Printer::shows_on_terminal() {
        true => Screen::take().map(|(screen, keys)| (Some(screen), Some(keys))).context("the terminal")?,
        false => (None, None),
    };
    let mut seconds = interval(Duration::from_secs(1));
    seconds.set_missed_tick_behavior(MissedTickBehavior::Delay);
    // Seconds since the last sample; the first one is due at once.
    let mut waited = watched.every;
    loop {
        tokio::select! {
            Some(news) = news.recv() => {
                watched.take(news);
                continue;
            }
            _ = seconds.tick() => waited += 1,
            _ = signals.resized.recv() => {}
            Some(()) = key(keys.as_mut()) => return Ok(End::Done),
            _ = signals.interrupt.recv() => return Ok(End::Done),
            _ = signals.terminate.recv() => return Err(ended()),
            _ = signals.hangup.recv() => return Err(ended()),
        }
        let due = waited >= watched.every && watched.is_ready();
        if due {
            waited = 0;
            watched.sample();
        }
        match &screen {
            Some(screen) => watched.draw(screen)?,
            None if due && !watched.print()? => return Ok(End::Done),
            None => {}
        }
    }
}

async fn key(keys: Option<&mut UnboundedReceiver<()>>) -> Option<()> {
    match keys {
        Some(keys) => keys.recv().await,
        None => std::future::pending().await,
    }
}

fn ended() -> CommandError {
    CommandError::new(Kind::Interrupted, "ended by a signal")
}

struct Signals {
    interrupt: Signal,
    terminate: Signal,
    hangup: Signal,
    resized: Signal,
}

impl Signals {
    fn listen() -> std::io::Result<Self> {
        Ok(Self {
            interrupt: signal(SignalKind::interrupt())?,
            terminate: signal(SignalKind::terminate())?,
            hangup: signal(SignalKind::hangup())?,
            resized: signal(SignalKind::window_change())?,
        })
    }
}

/// The view that a node is in.
fn view(seen: &Seen<HostFacts>) -> Option<(u64, u64)> {
    match seen {
        Seen::Facts(facts) => facts.live().map(|live| (live.conf_id, live.cluster_size)),
        Seen::Unreachable(_) => None,
    }
}

/// Everything that was seen until now.
struct Watched {
    invocation: Invocation,
    inventory: Arc<Inventory>,
    renderer: Renderer,
    observation: Observation,
    rates: BTreeMap<NodeName, Rates>,
    /// For each node, when the last scan began that the node has answered.
    looked: BTreeMap<NodeName, Instant>,
    /// When a change of the view was last seen on any node.
    view_changed: Instant,
    histories: Histories,
    begun: Instant,
    /// Seconds.
    every: u64,
    ascii: bool,
}

impl Watched {
    fn new(
        invocation: Invocation,
        inventory: Arc<Inventory>,
        renderer: Renderer,
        every: u64,
        ascii: bool,
    ) -> Self {
        let silent = |name: &NodeName| (name.clone(), Seen::Unreachable("no answer yet".into()));
        let nodes = inventory.nodes.iter().map(|node| silent(&node.name)).collect();
        Self {
            invocation,
            inventory,
            renderer,
            observation: Observation { nodes, ..Observation::default() },
            rates: BTreeMap::new(),
            looked: BTreeMap::new(),
            view_changed: Instant::now(),
            histories: Histories::default(),
            begun: Instant::now(),
            every,
            ascii,
        }
    }

    fn take(&mut self, news: News) {
        let (node, seen, rates, asked) = match news {
            News::Node { node, seen, rates, asked } => (node, seen, rates, asked),
            News::Arbitrator { name, seen } => {
                self.observation.arbitrators.insert(name, seen);
                return;
            }
            News::Proxy { name, seen } => {
                self.observation.proxies.insert(name, seen);
                return;
            }
        };
        if view(&seen) != self.observation.nodes.get(&node).and_then(view) {
            self.view_changed = Instant::now();
        }
        match rates {
            Some(rates) => drop(self.rates.insert(node.clone(), rates)),
            None => drop(self.rates.remove(&node)),
        }
        self.looked.insert(node.clone(), asked);
        self.observation.nodes.insert(node, seen);
    }

    /// Every host has answered, or has had its time to do so.
    fn is_ready(&self) -> bool {
        let beside = self.observation.arbitrators.len() + self.observation.proxies.len();
        let heard = self.looked.len() + beside;
        heard == self.inventory.entries().len() || self.begun.elapsed() > FIRST_PATIENCE
    }

    /// Nodes that were seen, and seconds since then.
    fn ages(&self) -> impl Iterator<Item = (&NodeName, u64)> {
        let seen = self.looked.iter().filter(|(node, _)| self.observation.facts(node).is_some());
        seen.map(|(node, asked)| (node, asked.elapsed().as_secs()))
    }

    /// Those that were seen longer ago than a scan should take.
    fn stale(&self) -> BTreeMap<NodeName, u64> {
        let late = 3 * self.every + 2;
        self.ages().filter(|(_, age)| *age > late).map(|(node, age)| (node.clone(), age)).collect()
    }

    /// Every node that is in a view was scanned since the last view began.
    fn is_settled(&self, stale: &BTreeMap<NodeName, u64>) -> bool {
        let views = self.observation.nodes.iter().filter(|(_, seen)| view(seen).is_some());
        let mut asked =
            views.filter(|(node, _)| !stale.contains_key(*node)).map(|(node, _)| self.looked.get(node));
        asked.all(|asked| asked.is_some_and(|asked| *asked > self.view_changed))
    }

    /// One more sample of every node for the histories.
    fn sample(&mut self) {
        let stale = self.stale();
        for node in &self.inventory.nodes {
            let fresh = self.rates.get(&node.name).filter(|_| !stale.contains_key(&node.name));
            self.histories.push(&node.name, fresh.cloned());
        }
    }

    /// Nodes that hang are shown as they were, and judged as not seen.
    fn status(&self) -> Result<Status, CommandError> {
        let stale = self.stale();
        let mut observation = self.observation.clone();
        for (node, age) in &stale {
            let why = format!("no news for {age} s, what is shown of it is old");
            observation.nodes.insert(node.clone(), Seen::Unreachable(why.into()));
        }
        let mut status = self.judge(&observation)?;
        if !self.is_settled(&stale) {
            status = unsettled(status);
        }
        Ok(if stale.is_empty() { status } else { aged(status, &self.judge(&self.observation)?, &stale) })
    }

    fn judge(&self, observation: &Observation) -> Result<Status, CommandError> {
        let status = status(&self.inventory, observation, &self.renderer, &self.rates);
        Ok(status.map_err(CommandError::of)?.settled(&self.invocation))
    }

    fn draw(&self, screen: &Screen) -> Result<(), CommandError> {
        let (width, height) = screen.size();
        let clock = jiff::Timestamp::now().strftime("%H:%M:%S UTC").to_string();
        let lines = if self.is_ready() {
            let scene = Scene {
                status: &self.status()?,
                histories: &self.histories,
                thresholds: &self.inventory.thresholds,
                clock: &clock,
                every: self.every,
                age: self.ages().map(|(_, age)| age).max().unwrap_or(0),
                width,
                height,
                ascii: self.ascii,
            };
            frame(&scene)
        } else {
            let nodes = self.inventory.nodes.len();
            let text = format!("{clock}, {} of {nodes} nodes scanned; q leaves", self.looked.len());
            vec![Line { text, tone: Tone::Faint }]
        };
        Ok(screen.draw(&lines, height).context("the terminal")?)
    }

    /// A block of text for a log. False: its reader went away.
    fn print(&self) -> Result<bool, CommandError> {
        let now = jiff::Timestamp::now().strftime("%Y-%m-%d %H:%M:%S UTC");
        let block = format!("{now}\n{}\n", unfolded(&self.status()?));
        match Printer::draw(&block) {
            Err(error) if error.kind() == ErrorKind::BrokenPipe => Ok(false),
            drawn => Ok(drawn.map(|()| true).context("standard output")?),
        }
    }
}
