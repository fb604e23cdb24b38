//! What clients saw: how long each transaction took, and how it ended.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use hdrhistogram::Histogram;
use serde::Serialize;

/// Longest time that is told apart, in microseconds: an hour. Three digits are kept.
const LONGEST: u64 = 3_600_000_000;
const DIGITS: u8 = 3;

/// Milliseconds that transactions took, as their clients saw it: repeats included.
#[derive(Debug, Clone, Copy, Default, PartialEq, Serialize)]
pub struct Latency {
    pub p50: f64,
    pub p95: f64,
    pub p99: f64,
    pub longest: f64,
}

/// The transactions of one client, or of several together.
#[derive(Debug, Clone)]
pub struct Samples {
    times: Histogram<u64>,
    /// Commits in each second of the run.
    pub by_second: Vec<u64>,
    /// Transactions that were repeated after error 1213, each time counted.
    pub repeats: u64,
    /// Transactions with at least one such error: what a client without a retry would have been told.
    pub rolled_back: u64,
    /// Transactions that a client gave up after as many repeats as it makes.
    pub given_up: u64,
    /// Transactions of which nobody knows whether they were committed: the answer never came.
    pub unknown: u64,
    /// How often each error was told that no repeat has mended.
    pub errors: BTreeMap<String, u64>,
    /// The server's numbers of the connections.
    pub connections: BTreeSet<u32>,
}

impl Default for Samples {
    fn default() -> Self {
        let times = Histogram::new_with_max(LONGEST, DIGITS).expect("an hour in three digits");
        Self {
            times,
            by_second: Vec::new(),
            repeats: 0,
            rolled_back: 0,
            given_up: 0,
            unknown: 0,
            errors: BTreeMap::new(),
            connections: BTreeSet::new(),
        }
    }
}

impl Samples {
    /// A commit that came at this time of the run and took so long.
    pub fn committed(&mut self, at: Duration, took: Duration) {
        self.times.saturating_record(u64::try_from(took.as_micros()).unwrap_or(LONGEST).max(1));
        let second = usize::try_from(at.as_secs()).unwrap_or(0);
        if self.by_second.len() <= second {
            self.by_second.resize(second + 1, 0);
        }
        self.by_second[second] += 1;
    }

    pub fn error(&mut self, error: String) {
        *self.errors.entry(error).or_default() += 1;
    }

    /// Adds another client's.
    pub fn add(&mut self, other: &Self) {
        // Both have the same bounds.
        let _ = self.times.add(&other.times);
        self.by_second.resize(self.by_second.len().max(other.by_second.len()), 0);
        for (sum, more) in self.by_second.iter_mut().zip(&other.by_second) {
            *sum += more;
        }
        self.repeats += other.repeats;
        self.rolled_back += other.rolled_back;
        self.given_up += other.given_up;
        self.unknown += other.unknown;
        self.connections.extend(&other.connections);
        for (error, times) in &other.errors {
            *self.errors.entry(error.clone()).or_default() += times;
        }
    }

    pub fn commits(&self) -> u64 {
        self.times.len()
    }

    pub fn latency(&self) -> Latency {
        #[allow(clippy::cast_precision_loss, reason = "at most an hour in microseconds")]
        let at = |quantile: f64| self.times.value_at_quantile(quantile) as f64 / 1000.0;
        match self.commits() {
            0 => Latency::default(),
            _ => Latency { p50: at(0.5), p95: at(0.95), p99: at(0.99), longest: at(1.0) },
        }
    }
}

/// The longest time in which a node answered no client, from the first to the last moment of a run.
#[derive(Debug, Clone, Default)]
pub struct Pulse {
    last: Duration,
    longest: Duration,
}

impl Pulse {
    /// The node has answered at this time of the run.
    pub fn beat(&mut self, at: Duration) {
        self.longest = self.longest.max(at.saturating_sub(self.last));
        self.last = self.last.max(at);
    }

    /// The longest silence, and whether it lasted to the end.
    pub fn ended(&self, end: Duration) -> (Duration, bool) {
        let open = end.saturating_sub(self.last);
        (self.longest.max(open), open > self.longest)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ms(milliseconds: u64) -> Duration {
        Duration::from_millis(milliseconds)
    }

    #[test]
    fn percentiles_are_those_of_all_clients_together() {
        let (mut first, mut second) = (Samples::default(), Samples::default());
        (1..=90).for_each(|it| first.committed(ms(it), ms(10)));
        (1..=10).for_each(|it| second.committed(ms(2000 + it), ms(100 * it)));
        second.error("ERROR 1205: Lock wait timeout exceeded".into());
        first.add(&second);
        let Latency { p50, p95, longest, .. } = first.latency();
        assert!((p50 - 10.0).abs() < 0.1 && (p95 - 500.0).abs() < 1.0 && (longest - 1000.0).abs() < 1.0);
        assert_eq!((first.commits(), first.by_second.clone()), (100, vec![90, 0, 10]));
        assert_eq!(first.errors.values().sum::<u64>(), 1);
        assert_eq!(Samples::default().latency(), Latency::default());
    }

    #[test]
    fn a_silence_counts_also_at_the_end() {
        let mut pulse = Pulse::default();
        [100, 200, 1200, 1250].map(ms).into_iter().for_each(|at| pulse.beat(at));
        assert_eq!(pulse.ended(ms(1300)), (ms(1000), false));
        assert_eq!(pulse.ended(ms(9250)), (ms(8000), true));
        assert_eq!(Pulse::default().ended(ms(500)), (ms(500), true));
    }
}
