//! A mesh that is watched.

use std::collections::{BTreeMap, VecDeque};
use std::sync::Arc;
use std::time::{Duration, Instant};

use anyhow::Context as _;

use super::looked::Looked;
use super::{Options, Size, Watched, follow};
use crate::cli::engine::{Engine as _, Mesh};
use crate::cli::inputs::Inputs;
use crate::cli::look;
use crate::cli::status_text::of_mesh;
use crate::exit::{CommandError, End};
use crate::kernel::facts::Seen;
use crate::kernel::judge::Invocation;
use crate::kernel::model::NodeName;
use crate::kernel::transport::Fleet;
use crate::kernel::watch::{Line, View};
use crate::mesh::inventory::Inventory;
use crate::mesh::observation::Observation;
use crate::mesh::observe::watch::{News, watch};
use crate::mesh::status::watch::{Histories, Sample, Scene, events, frame, name, sample};
use crate::mesh::status::{Status, status};

/// How long an event is shown, and how many are kept.
const RECENT: Duration = Duration::from_secs(900);
const MOST_EVENTS: usize = 50;

pub fn run(inputs: Inputs<Mesh>, options: Options) -> Result<End, CommandError> {
    let secrets = look::secrets_of(&inputs);
    look::run(async {
        let fleet = Fleet::unconnected(Mesh::hosts(&inputs.inventory), &inputs.base);
        let fleet = Arc::new(fleet.context("the run's private directory")?);
        let invocation = inputs.invocation();
        let inventory = Arc::new(inputs.inventory);
        let news = watch(&inventory, &fleet, &secrets, Duration::from_secs(options.every));
        follow(OfMesh::new(invocation, inventory, options), news, fleet).await
    })
}

/// Something that has happened.
struct Event {
    at: Instant,
    text: String,
}

struct OfMesh {
    invocation: Invocation,
    inventory: Arc<Inventory>,
    observation: Observation,
    /// Bytes of WAL in a second.
    wal: BTreeMap<NodeName, f64>,
    looked: Looked,
    histories: Histories,
    /// The status of the last sample.
    last: Option<Status>,
    /// The oldest first.
    events: VecDeque<Event>,
    /// Events that no block has told yet.
    untold: Vec<String>,
    options: Options,
}

impl OfMesh {
    fn new(invocation: Invocation, inventory: Arc<Inventory>, options: Options) -> Self {
        let silent = |name: &NodeName| (name.clone(), Seen::Unreachable("no answer yet".into()));
        let nodes = inventory.nodes.iter().map(|node| silent(&node.name)).collect();
        Self {
            invocation,
            inventory,
            observation: Observation { nodes, ..Observation::default() },
            wal: BTreeMap::new(),
            looked: Looked::new(options.every),
            histories: Histories::default(),
            last: None,
            events: VecDeque::new(),
            untold: Vec::new(),
            options,
        }
    }

    /// Nodes that hang are judged as not seen.
    fn status(&self) -> Status {
        let stale = self.looked.stale(|node| self.observation.facts(node).is_some());
        let mut observation = self.observation.clone();
        for (node, age) in stale {
            let why = format!("no news for {age} s");
            observation.nodes.insert(node, Seen::Unreachable(why.into()));
        }
        status(&self.inventory, &observation).settled(&self.invocation)
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

impl Watched for OfMesh {
    type News = News;

    fn take(&mut self, news: News) {
        let News { node, seen, wal, asked } = news;
        match wal {
            Some(wal) => drop(self.wal.insert(node.clone(), wal)),
            None => drop(self.wal.remove(&node)),
        }
        self.looked.at.insert(node.clone(), asked);
        self.observation.nodes.insert(node, seen);
    }

    fn is_ready(&self) -> bool {
        self.looked.is_ready(0, self.inventory.nodes.len())
    }

    fn heard(&self) -> [usize; 2] {
        [self.looked.at.len(), self.inventory.nodes.len()]
    }

    fn every(&self) -> u64 {
        self.options.every
    }

    fn sample(&mut self) -> Result<(), CommandError> {
        let status = self.status();
        for node in &self.inventory.nodes {
            let wal = self.wal.get(&node.name).map(|wal| Sample { wal: *wal, behind: 0.0 });
            self.histories.push(&node.name, wal);
        }
        for link in &status.links {
            if let Some(name) = name(link) {
                self.histories.push(&name, sample(link));
            }
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
            wal: &self.wal,
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
        let mut block = of_mesh(&self.status(), None);
        let events = std::mem::take(&mut self.untold);
        if !events.is_empty() {
            block += &format!("\n{}\n", events.join("\n"));
        }
        Ok(block)
    }
}
