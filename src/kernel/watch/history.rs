//! The last samples of each node, and short lines of them.

use std::collections::{BTreeMap, VecDeque};

use crate::kernel::model::NodeName;

/// More than a terminal is wide.
const KEPT: usize = 200;
const BLOCKS: [char; 8] = ['▁', '▂', '▃', '▄', '▅', '▆', '▇', '█'];
const ASCII: [char; 8] = ['_', '.', '-', '~', '=', '+', '*', '#'];

/// Samples of all nodes, taken at the same moments; a node that was not seen has a gap there.
#[derive(Debug, Clone)]
pub struct Histories<S>(BTreeMap<NodeName, VecDeque<Option<S>>>);

impl<S> Default for Histories<S> {
    fn default() -> Self {
        Self(BTreeMap::new())
    }
}

impl<S> Histories<S> {
    pub fn push(&mut self, node: &NodeName, sample: Option<S>) {
        let samples = self.0.entry(node.clone()).or_default();
        if samples.len() == KEPT {
            samples.pop_front();
        }
        samples.push_back(sample);
    }

    /// The last `length` samples of one value, the newest at the right. `full` and more is a whole
    /// block; a gap is blank.
    pub(super) fn line(
        &self,
        node: &NodeName,
        value: fn(&S) -> f64,
        full: f64,
        (length, ascii): (usize, bool),
    ) -> String {
        let levels = if ascii { ASCII } else { BLOCKS };
        let samples = self.last(node, length);
        let shown: String = samples
            .map(|sample| sample.map_or(' ', |sample| levels[level(value(sample), full, levels.len())]))
            .collect();
        format!("{shown:>length$}")
    }

    /// The largest value within the last `length` samples of any node.
    pub(super) fn highest(&self, value: fn(&S) -> f64, length: usize) -> f64 {
        let samples = self.0.keys().flat_map(|node| self.last(node, length)).flatten();
        samples.map(value).fold(0.0, f64::max)
    }

    fn last(&self, node: &NodeName, length: usize) -> impl Iterator<Item = Option<&S>> {
        let samples = self.0.get(node);
        let skipped = samples.map_or(0, |samples| samples.len().saturating_sub(length));
        samples.into_iter().flatten().skip(skipped).map(Option::as_ref)
    }
}

/// Only zero gets the lowest level, so that rare events are seen.
fn level(value: f64, full: f64, levels: usize) -> usize {
    if value <= 0.0 || full <= 0.0 {
        return 0;
    }
    #[allow(
        clippy::cast_precision_loss,
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "between 0 and the number of levels"
    )]
    let level = ((value / full).min(1.0) * (levels - 1) as f64).ceil() as usize;
    level.clamp(1, levels - 1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn samples_become_a_line() {
        let node: NodeName = "db1".parse().expect("a name");
        let mut histories = Histories::default();
        for value in [Some(500.0), Some(0.0), Some(0.001), None, Some(50.0), Some(100.0), Some(900.0)] {
            histories.push(&node, value);
        }
        let value: fn(&f64) -> f64 = |sample| *sample;
        assert_eq!(histories.line(&node, value, 100.0, (6, false)), "▁▂ ▅██");
        assert_eq!(histories.line(&node, value, 100.0, (9, true)), "  #_. =##");
        assert_eq!(histories.line(&node, value, 0.0, (3, false)), "▁▁▁");
        assert!((histories.highest(value, 6) - 900.0).abs() < 1e-9);
        assert!((histories.highest(value, 20) - 900.0).abs() < 1e-9);
    }
}
