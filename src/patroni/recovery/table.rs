//! Evidence and verdict as a person reads them.

use super::evidence::{Evidence, Holding, NodeEvidence};
use super::standing::{Fate, Standing};
use crate::kernel::model::words::bytes;

pub const HEADINGS: [&str; 6] = ["NODE", "SERVER", "SYSTEM", "TIMELINE", "WAL ENDS AT", "LAST CHECKPOINT"];

/// A row for each node, in the inventory's order, under [`HEADINGS`].
pub fn table(evidence: &Evidence) -> Vec<Vec<String>> {
    evidence.nodes.iter().map(row).collect()
}

fn row(node: &NodeEvidence) -> Vec<String> {
    let (server, checkpoint) = match &node.holding {
        Holding::Unseen(_) => ("not seen".to_owned(), "?".to_owned()),
        Holding::Nothing => ("stopped, no data".into(), "-".into()),
        Holding::Primary(_) => ("primary".into(), "-".into()),
        Holding::Runs { what, .. } => (what.clone(), "-".into()),
        Holding::Data(held) => {
            (if held.clean { "shut down" } else { "crashed" }.into(), held.checkpoint.clone())
        }
        Holding::Unclear(_) => ("stopped, unreadable".into(), "?".into()),
    };
    let unknown = if matches!(node.holding, Holding::Nothing) { "-" } else { "?" };
    let (system, timeline, end) = match node.line() {
        Some(line) => (line.system_id.to_string(), line.timeline.to_string(), line.end.to_string()),
        None => (unknown.into(), unknown.into(), unknown.into()),
    };
    vec![node.name.to_string(), server, system, timeline, end, checkpoint]
}

/// What becomes of one node, in a sentence.
pub fn sentence(evidence: &Evidence, standing: &Standing) -> String {
    let node = &standing.node;
    match &standing.fate {
        Fate::Source => match evidence.node(node).and_then(NodeEvidence::line) {
            Some(line) => format!(
                "{node}: the cluster goes on from its data, which ends at {} on timeline {}",
                line.end, line.timeline
            ),
            None => format!("{node}: the cluster goes on from its data"),
        },
        Fate::Running => format!("{node}: it runs already"),
        Fate::Behind { bytes: 0 } => format!("{node}: it has all of it already"),
        Fate::Behind { bytes: count } => format!("{node}: {} of WAL behind, which it gets", bytes(*count)),
        Fate::Copies => format!("{node}: it has no data, and copies all of it"),
        Fate::Ahead { from, bytes: count } => format!(
            "{node}: AHEAD by {} of WAL ({count} bytes) from {from} on{}",
            bytes(*count),
            written(evidence, standing)
        ),
        Fate::Forked { from, bytes: count, exact } => format!(
            "{node}: {}{} of WAL of its own ({count} bytes) from {} on timeline {} on{}",
            if *exact { "" } else { "as far as can be told up to " },
            bytes(*count),
            from.at,
            from.timeline,
            written(evidence, standing)
        ),
        Fate::Stranger { system } => format!("{node}: its data is of another cluster, system {system}"),
        Fate::Unknown { why, .. } => {
            format!("{node}: how much of its own it has is not known: {why}{}", written(evidence, standing))
        }
    }
}

/// When its last checkpoint was: what it has of its own may be older or newer.
fn written(evidence: &Evidence, standing: &Standing) -> String {
    match evidence.node(&standing.node).map(|node| &node.holding) {
        Some(Holding::Data(held)) if !held.checkpoint.is_empty() => {
            format!("; its last checkpoint was on {}", held.checkpoint)
        }
        _ => String::new(),
    }
}
