//! Servers that find their own way after an outage, as those of hosts that have just got their power
//! back do: to stop them would undo what they are about to do.

use super::decide::decide;
use super::evidence::Evidence;
use super::holding::{Holding, LONG_ENOUGH};
use super::verdict::Decision;
use crate::kernel::model::NodeName;

/// Nodes whose servers have only just been started, where that leaves open what is to be done.
pub fn settling(evidence: &Evidence<'_>) -> Vec<NodeName> {
    let starting = evidence.holdings().into_iter().filter(|(node, holding)| {
        matches!(holding, Holding::Starting { looping: false, .. }) && is_young(evidence, node)
    });
    let nodes: Vec<NodeName> = starting.map(|(node, _)| node.clone()).collect();
    match nodes.is_empty() || is_decided(evidence) {
        true => Vec::new(),
        false => nodes,
    }
}

/// They are let alone, whatever becomes of them.
fn is_decided(evidence: &Evidence<'_>) -> bool {
    matches!(decide(evidence).outcome, Decision::Join { .. } | Decision::Reform { .. })
}

/// Without a server's process its unit is still before that: it waits, or reads its data.
fn is_young(evidence: &Evidence<'_>, node: &NodeName) -> bool {
    let start = evidence.facts(node).and_then(|facts| facts.start.as_ref());
    start.is_none_or(|start| start.age < LONG_ENOUGH)
}
