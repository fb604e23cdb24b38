//! The report of a load test.

use serde::Serialize;

use super::check::Checked;
use super::conflicts::Met;
use super::counters::Counters;
use super::layout::Layout;
use super::samples::Latency;
use crate::kernel::model::NodeName;

/// What was asked for.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Asked {
    pub workload: String,
    pub clients: usize,
    /// Seconds of each run.
    pub seconds: u64,
    /// Most transactions a second, of all clients together.
    pub rate: u32,
    pub rows: u64,
    pub seed: u64,
}

/// All that was found.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Report {
    pub cluster: String,
    pub asked: Asked,
    /// How clients reached each node or proxy.
    pub reached: Vec<Reached>,
    pub runs: Vec<Run>,
    pub checked: Option<Checked>,
    /// Why `--check` has no figures, as a sentence.
    pub not_checked: Option<String>,
    /// What the figures say, in sentences.
    pub advice: Vec<String>,
    /// It was ended early.
    pub interrupted: bool,
    /// What could not be removed or put back.
    pub left: Vec<String>,
}

/// How clients reached a node or a proxy.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Reached {
    pub member: NodeName,
    /// Its own address; otherwise through SSH, which makes each statement slower.
    pub directly: bool,
}

/// One run with one layout.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Run {
    pub layout: Layout,
    pub name: String,
    pub seconds: f64,
    pub commits: u64,
    /// Commits a second.
    pub rate: f64,
    pub latency: Latency,
    /// Sums of all nodes.
    pub cert_failures: u64,
    pub aborts: u64,
    pub repeats: u64,
    pub rolled_back: u64,
    pub given_up: u64,
    pub unknown: u64,
    pub errors: Vec<Error>,
    /// The nodes or proxies that clients were connected to.
    pub writers: Vec<Writer>,
    /// What the nodes' counters say.
    pub nodes: Vec<Node>,
    pub conflicts: Vec<Met>,
    /// Conflicts in databases of others, without keys.
    pub conflicts_of_others: Vec<Met>,
    /// Conflicts of which the log names no row.
    pub unnamed: u64,
    /// Nodes whose log could not be read.
    pub logs_not_read: Vec<NodeName>,
    /// Nodes whose log told more than was read: only its last part was.
    pub logs_cut: Vec<NodeName>,
}

/// How often clients were told an error that no repeat has mended.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Error {
    pub times: u64,
    pub error: String,
}

/// The clients of one node or proxy.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Writer {
    pub member: NodeName,
    pub clients: usize,
    pub commits: u64,
    pub rate: f64,
    pub latency: Latency,
    /// The longest time without an answer, in seconds.
    pub silence: f64,
    /// That time lasted to the end of the run.
    pub silent_at_the_end: bool,
    pub by_second: Vec<u64>,
}

/// One node's counters.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Node {
    pub node: NodeName,
    #[serde(flatten)]
    pub counters: Counters,
}

impl Run {
    /// Transactions of a hundred that a client without a retry would have lost to error 1213.
    #[allow(clippy::cast_precision_loss, reason = "a percentage")]
    pub fn rolled_back_percent(&self) -> f64 {
        let all = self.commits + self.given_up;
        if all == 0 { 0.0 } else { (100.0 * self.rolled_back as f64 / all as f64).min(100.0) }
    }
}
