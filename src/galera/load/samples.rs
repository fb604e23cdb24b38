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
    /// Errors that no repeat has mended, by what is the same in all of one kind.
    pub errors: BTreeMap<String, Seen>,
    /// The servers' numbers of the connections, by the name of the node.
    pub connections: BTreeMap<String, BTreeSet<u32>>,
}

/// How often an error of one kind was told, and its first text: others differ in the values that they name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Seen {
    pub times: u64,
    pub text: String,
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
            connections: BTreeMap::new(),
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

    /// An error of this kind, with its text.
    pub fn error(&mut self, kind: String, text: String) {
        self.errors.entry(kind).or_insert(Seen { times: 0, text }).times += 1;
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
        for (node, numbers) in &other.connections {
            self.connections.entry(node.clone()).or_default().extend(numbers);
        }
        for (kind, Seen { times, text }) in &other.errors {
            self.errors.entry(kind.clone()).or_insert(Seen { times: 0, text: text.clone() }).times += times;
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

/// The longest time in which a node answered no client, although one of them waited for it.
#[derive(Debug, Clone, Default)]
pub struct Pulse {
    /// Clients that wait for an answer, or for a connection.
    waiting: usize,
    /// The last answer, or the moment at which the first of them began to wait.
    last: Duration,
    longest: Duration,
}

impl Pulse {
    /// A client begins to wait at this time of the run.
    pub fn asked(&mut self, at: Duration) {
        if self.waiting == 0 {
            self.last = self.last.max(at);
        }
        self.waiting += 1;
    }

    /// The node has answered at this time of the run, and the client goes on to wait.
    pub fn beat(&mut self, at: Duration) {
        self.longest = self.longest.max(at.saturating_sub(self.last));
        self.last = self.last.max(at);
    }

    /// The client waits no longer.
    pub fn done(&mut self) {
        self.waiting = self.waiting.saturating_sub(1);
    }

    /// The longest silence, and whether it lasted to the end.
    pub fn ended(&self, end: Duration) -> (Duration, bool) {
        let open = if self.waiting == 0 { Duration::ZERO } else { end.saturating_sub(self.last) };
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
        for value in 1..=3 {
            second.error("ERROR 1062".into(), format!("ERROR 1062: Duplicate entry '{value}'"));
        }
        first.error("ERROR 1062".into(), "ERROR 1062: Duplicate entry '0'".into());
        first.add(&second);
        let Latency { p50, p95, longest, .. } = first.latency();
        assert!((p50 - 10.0).abs() < 0.1 && (p95 - 500.0).abs() < 1.0 && (longest - 1000.0).abs() < 1.0);
        assert_eq!((first.commits(), first.by_second.clone()), (100, vec![90, 0, 10]));
        let seen = Seen { times: 4, text: "ERROR 1062: Duplicate entry '0'".into() };
        assert_eq!(first.errors, BTreeMap::from([("ERROR 1062".to_owned(), seen)]));
        assert_eq!(Samples::default().latency(), Latency::default());
    }

    #[test]
    fn a_silence_counts_also_at_the_end() {
        let mut pulse = Pulse::default();
        pulse.asked(ms(0));
        [100, 200, 1200, 1250].map(ms).into_iter().for_each(|at| pulse.beat(at));
        assert_eq!(pulse.ended(ms(1300)), (ms(1000), false));
        assert_eq!(pulse.ended(ms(9250)), (ms(8000), true));
    }

    #[test]
    fn time_in_which_no_client_waits_is_no_silence() {
        let mut pulse = Pulse::default();
        assert_eq!(pulse.ended(ms(500)), (ms(0), false));
        for at in [1000, 5000] {
            pulse.asked(ms(at));
            pulse.beat(ms(at + 20));
            pulse.done();
        }
        assert_eq!(pulse.ended(ms(9000)), (ms(20), false));
        // Two wait, one is answered.
        pulse.asked(ms(9000));
        pulse.asked(ms(9010));
        pulse.beat(ms(9100));
        pulse.done();
        assert_eq!(pulse.ended(ms(9700)), (ms(600), true));
    }
}
