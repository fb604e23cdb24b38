//! When each node was looked at.

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use crate::kernel::model::NodeName;

/// How long the first picture waits for hosts that have not been scanned yet.
const FIRST_PATIENCE: Duration = Duration::from_secs(6);

/// The last look at each node.
pub struct Looked {
    /// For each node, when the last scan began that the node has answered.
    pub at: BTreeMap<NodeName, Instant>,
    /// When a node was last seen to be something else, as by a new view or a new primary.
    changed: Instant,
    begun: Instant,
    /// Seconds between two looks.
    every: u64,
}

impl Looked {
    pub fn new(every: u64) -> Self {
        Self { at: BTreeMap::new(), changed: Instant::now(), begun: Instant::now(), every }
    }

    pub fn change(&mut self) {
        self.changed = Instant::now();
    }

    /// Every host has answered, or has had its time to do so. `beside`: hosts that were heard and are no data nodes.
    pub fn is_ready(&self, beside: usize, all: usize) -> bool {
        self.at.len() + beside == all || self.begun.elapsed() > FIRST_PATIENCE
    }

    /// Nodes that were seen, and seconds since then.
    pub fn ages(&self, is_seen: impl Fn(&NodeName) -> bool) -> impl Iterator<Item = (&NodeName, u64)> {
        let seen = self.at.iter().filter(move |(node, _)| is_seen(node));
        seen.map(|(node, asked)| (node, asked.elapsed().as_secs()))
    }

    /// Those that were seen longer ago than a scan should take.
    pub fn stale(&self, is_seen: impl Fn(&NodeName) -> bool) -> BTreeMap<NodeName, u64> {
        let late = 3 * self.every + 2;
        self.ages(is_seen).filter(|(_, age)| *age > late).map(|(node, age)| (node.clone(), age)).collect()
    }

    /// Each of these nodes was scanned since the last change.
    pub fn is_settled<'a>(&self, mut nodes: impl Iterator<Item = &'a NodeName>) -> bool {
        nodes.all(|node| self.at.get(node).is_some_and(|asked| *asked > self.changed))
    }
}
