//! A cluster of Galera that is watched.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use anyhow::Context as _;

use super::looked::Looked;
use super::{Options, Size, Watched, follow};
use crate::cli::inputs::Inputs;
use crate::cli::look;
use crate::cli::status_text::unfolded;
use crate::exit::{CommandError, End};
use crate::galera::config::Renderer;
use crate::galera::facts::{HostFacts, Rates};
use crate::galera::inventory::Inventory;
use crate::galera::observation::Observation;
use crate::galera::observe::watch::{News, watch};
use crate::galera::status::watch::{Histories, Line, Scene, aged, frame, unsettled};
use crate::galera::status::{Status, status};
use crate::kernel::facts::Seen;
use crate::kernel::judge::Invocation;
use crate::kernel::model::NodeName;
use crate::kernel::transport::Fleet;
use crate::kernel::watch::View;

pub fn run(inputs: Inputs, options: Options) -> Result<End, CommandError> {
    look::run(async {
        let fleet = Fleet::unconnected(inputs.inventory.hosts(), &inputs.base);
        let fleet = Arc::new(fleet.context("the run's private directory")?);
        let invocation = inputs.invocation();
        let inventory = Arc::new(inputs.inventory);
        let news = watch(&inventory, &fleet, Duration::from_secs(options.every));
        let watched = OfGalera::new(invocation, inventory, inputs.renderer, options);
        follow(watched, news, fleet).await
    })
}

/// The view that a node is in.
fn view(seen: &Seen<HostFacts>) -> Option<(u64, u64)> {
    match seen {
        Seen::Facts(facts) => facts.live().map(|live| (live.conf_id, live.cluster_size)),
        Seen::Unreachable(_) => None,
    }
}

/// Everything that was seen until now.
struct OfGalera {
    invocation: Invocation,
    inventory: Arc<Inventory>,
    renderer: Renderer,
    observation: Observation,
    rates: BTreeMap<NodeName, Rates>,
    looked: Looked,
    histories: Histories,
    /// Seconds.
    every: u64,
    ascii: bool,
}

impl OfGalera {
    fn new(
        invocation: Invocation,
        inventory: Arc<Inventory>,
        renderer: Renderer,
        Options { every, ascii }: Options,
    ) -> Self {
        let silent = |name: &NodeName| (name.clone(), Seen::Unreachable("no answer yet".into()));
        let nodes = inventory.nodes.iter().map(|node| silent(&node.name)).collect();
        Self {
            invocation,
            inventory,
            renderer,
            observation: Observation { nodes, ..Observation::default() },
            rates: BTreeMap::new(),
            looked: Looked::new(every),
            histories: Histories::default(),
            every,
            ascii,
        }
    }

    /// Those that were seen longer ago than a scan should take.
    fn stale(&self) -> BTreeMap<NodeName, u64> {
        self.looked.stale(|node| self.observation.facts(node).is_some())
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
        let views = self.observation.nodes.iter().filter(|(_, seen)| view(seen).is_some());
        let fresh = views.map(|(node, _)| node).filter(|node| !stale.contains_key(*node));
        if !self.looked.is_settled(fresh) {
            status = unsettled(status);
        }
        Ok(if stale.is_empty() { status } else { aged(status, &self.judge(&self.observation)?, &stale) })
    }

    fn judge(&self, observation: &Observation) -> Result<Status, CommandError> {
        let status = status(&self.inventory, observation, &self.renderer, &self.rates);
        Ok(status.map_err(CommandError::of)?.settled(&self.invocation))
    }
}

impl Watched for OfGalera {
    type News = News;

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
            self.looked.change();
        }
        match rates {
            Some(rates) => drop(self.rates.insert(node.clone(), rates)),
            None => drop(self.rates.remove(&node)),
        }
        self.looked.at.insert(node.clone(), asked);
        self.observation.nodes.insert(node, seen);
    }

    fn is_ready(&self) -> bool {
        let beside = self.observation.arbitrators.len() + self.observation.proxies.len();
        self.looked.is_ready(beside, self.inventory.entries().len())
    }

    fn heard(&self) -> [usize; 2] {
        [self.looked.at.len(), self.inventory.nodes.len()]
    }

    fn every(&self) -> u64 {
        self.every
    }

    fn sample(&mut self) -> Result<(), CommandError> {
        let stale = self.stale();
        for node in &self.inventory.nodes {
            let fresh = self.rates.get(&node.name).filter(|_| !stale.contains_key(&node.name));
            self.histories.push(&node.name, fresh.cloned());
        }
        Ok(())
    }

    fn lines(&self, Size { width, height }: Size, clock: &str) -> Result<Vec<Line>, CommandError> {
        let ages = self.looked.ages(|node| self.observation.facts(node).is_some());
        Ok(frame(&Scene {
            status: &self.status()?,
            histories: &self.histories,
            thresholds: &self.inventory.thresholds,
            view: View {
                clock,
                every: self.every,
                age: ages.map(|(_, age)| age).max().unwrap_or(0),
                width,
                height,
                ascii: self.ascii,
            },
        }))
    }

    fn block(&mut self) -> Result<String, CommandError> {
        Ok(unfolded(&self.status()?))
    }
}
