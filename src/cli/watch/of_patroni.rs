//! A cluster of PostgreSQL with Patroni that is watched.

use std::collections::{BTreeMap, VecDeque};
use std::sync::Arc;
use std::time::{Duration, Instant};

use anyhow::Context as _;

use super::looked::Looked;
use super::{Options, Size, Watched, follow};
use crate::cli::engine::{Engine as _, Patroni};
use crate::cli::inputs::Inputs;
use crate::cli::look;
use crate::cli::status_text::of_patroni;
use crate::exit::{CommandError, End};
use crate::kernel::facts::Seen;
use crate::kernel::judge::Invocation;
use crate::kernel::model::NodeName;
use crate::kernel::transport::Fleet;
use crate::kernel::watch::{Line, View};
use crate::patroni::facts::{HostFacts, Live};
use crate::patroni::inventory::Inventory;
use crate::patroni::observation::Observation;
use crate::patroni::observe::watch::{News, watch};
use crate::patroni::status::watch::{Histories, Sample, Scene, aged, events, frame, unsettled};
use crate::patroni::status::{Status, status};

/// How long an event is shown, and how many are kept.
const RECENT: Duration = Duration::from_secs(900);
const MOST_EVENTS: usize = 50;

pub fn run(inputs: Inputs<Patroni>, options: Options) -> Result<End, CommandError> {
    let secrets = look::secrets_of(&inputs);
    look::run(async {
        let fleet = Fleet::unconnected(Patroni::hosts(&inputs.inventory), &inputs.base);
        let fleet = Arc::new(fleet.context("the run's private directory")?);
        let invocation = inputs.invocation();
        let inventory = Arc::new(inputs.inventory);
        let news = watch(&inventory, &fleet, &secrets, Duration::from_secs(options.every));
        follow(OfPatroni::new(invocation, inventory, options), news, fleet).await
    })
}

/// Something that has happened.
struct Event {
    at: Instant,
    text: String,
}

struct OfPatroni {
    invocation: Invocation,
    inventory: Arc<Inventory>,
    observation: Observation,
    /// Bytes of WAL in a second.
    wal: BTreeMap<NodeName, f64>,
    looked: Looked,
    samples: BTreeMap<NodeName, Sample>,
    histories: Histories,
    /// The status of the last sample.
    last: Option<Status>,
    /// The oldest first.
    events: VecDeque<Event>,
    /// Events that no block has told yet.
    untold: Vec<String>,
    options: Options,
}

impl OfPatroni {
    fn new(invocation: Invocation, inventory: Arc<Inventory>, options: Options) -> Self {
        let silent = |name: &NodeName| (name.clone(), Seen::Unreachable("no answer yet".into()));
        let nodes = inventory.nodes.iter().map(|node| silent(&node.name)).collect();
        Self {
            invocation,
            inventory,
            observation: Observation { nodes, ..Observation::default() },
            wal: BTreeMap::new(),
            looked: Looked::new(options.every),
            samples: BTreeMap::new(),
            histories: Histories::default(),
            last: None,
            events: VecDeque::new(),
            untold: Vec::new(),
            options,
        }
    }

    fn stale(&self) -> BTreeMap<NodeName, u64> {
        self.looked.stale(|node| self.observation.facts(node).is_some())
    }

    /// Nodes that hang are shown as they were, and judged as not seen.
    fn status(&self) -> Status {
        let stale = self.stale();
        let mut observation = self.observation.clone();
        for (node, age) in &stale {
            let why = format!("no news for {age} s, what is shown of it is old");
            observation.nodes.insert(node.clone(), Seen::Unreachable(why.into()));
        }
        let mut status = self.judge(&observation);
        if !self.looked.is_settled(observation.seen().map(|(node, _)| node)) {
            status = unsettled(status);
        }
        if stale.is_empty() { status } else { aged(status, &self.judge(&self.observation), &stale) }
    }

    fn judge(&self, observation: &Observation) -> Status {
        status(&self.inventory, observation).settled(&self.invocation)
    }

    fn sample_of(&self, status: &Status, node: &NodeName) -> Option<Sample> {
        let live = self.observation.facts(node).and_then(HostFacts::live)?;
        let behind = status.nodes.iter().find(|it| it.node == *node).and_then(|it| it.behind);
        let active = live.slots.iter().filter(|slot| slot.active).count();
        #[allow(clippy::cast_precision_loss, reason = "shown as a short line")]
        let behind = behind.unwrap_or(0) as f64;
        let wal = self.wal.get(node).copied().unwrap_or(0.0);
        Some(Sample { wal, behind, slots: [active, live.slots.len()] })
    }

    fn note(&mut self, status: &Status) {
        let Some(before) = &self.last else { return };
        let clock = jiff::Timestamp::now().strftime("%H:%M:%S UTC").to_string();
        for event in events(before, status) {
            let text = format!("{clock}  {event}");
            self.untold.push(text.clone());
            self.events.push_back(Event { at: Instant::now(), text });
        }
        while self.events.len() > MOST_EVENTS
            || self.events.front().is_some_and(|it| it.at.elapsed() > RECENT)
        {
            self.events.pop_front();
        }
    }
}

/// What decides whether two looks are of one moment.
fn role(seen: &Seen<HostFacts>) -> Option<(bool, u32)> {
    match seen {
        Seen::Facts(facts) => facts.live().map(|live: &Live| (live.in_recovery, live.timeline.number())),
        Seen::Unreachable(_) => None,
    }
}

impl Watched for OfPatroni {
    type News = News;

    fn take(&mut self, news: News) {
        let (node, seen, wal, asked) = match news {
            News::Node { node, seen, wal, asked } => (node, seen, wal, asked),
            News::EtcdHost { name, seen } => {
                self.observation.etcd_hosts.insert(name, seen);
                return;
            }
            News::Proxy { name, seen } => {
                self.observation.proxies.insert(name, seen);
                return;
            }
        };
        if role(&seen) != self.observation.nodes.get(&node).and_then(role) {
            self.looked.change();
        }
        match wal {
            Some(wal) => drop(self.wal.insert(node.clone(), wal)),
            None => drop(self.wal.remove(&node)),
        }
        self.looked.at.insert(node.clone(), asked);
        self.observation.nodes.insert(node, seen);
    }

    fn is_ready(&self) -> bool {
        let beside = self.observation.etcd_hosts.len() + self.observation.proxies.len();
        self.looked.is_ready(beside, self.inventory.entries().len())
    }

    fn heard(&self) -> [usize; 2] {
        [self.looked.at.len(), self.inventory.nodes.len()]
    }

    fn every(&self) -> u64 {
        self.options.every
    }

    fn sample(&mut self) -> Result<(), CommandError> {
        let (status, stale) = (self.status(), self.stale());
        self.samples.clear();
        for node in self.inventory.nodes.iter().map(|node| &node.name) {
            let sample = self.sample_of(&status, node).filter(|_| !stale.contains_key(node));
            self.histories.push(node, sample);
            self.samples.extend(sample.map(|sample| (node.clone(), sample)));
        }
        self.note(&status);
        self.last = Some(status);
        Ok(())
    }

    fn lines(&self, Size { width, height }: Size, clock: &str) -> Result<Vec<Line>, CommandError> {
        let ages = self.looked.ages(|node| self.observation.facts(node).is_some());
        let events: Vec<_> = self.events.iter().map(|event| event.text.clone()).collect();
        Ok(frame(&Scene {
            status: &self.status(),
            samples: &self.samples,
            histories: &self.histories,
            events: &events,
            view: View {
                clock,
                every: self.options.every,
                age: ages.map(|(_, age)| age).max().unwrap_or(0),
                width,
                height,
                ascii: self.options.ascii,
            },
        }))
    }

    fn block(&mut self) -> Result<String, CommandError> {
        let status = self.status();
        let mut block = of_patroni(&status, None);
        if let Some((primary, sample)) =
            status.primary.as_ref().and_then(|it| Some((it, self.samples.get(it)?)))
        {
            block += &format!("\n{}\n", sample.sentence(primary));
        }
        let events = std::mem::take(&mut self.untold);
        if !events.is_empty() {
            block += &format!("\n{}\n", events.join("\n"));
        }
        Ok(block)
    }
}
