//! Servers that find their own way after an outage, as those of hosts that have just got their power
//! back do: to stop them would undo what they are about to do.

use super::holding::Holding;
use super::verdict::Outcome;
use super::{Evidence, decide};
use crate::kernel::model::NodeName;

/// A server that has come nowhere after this long waits for something that does not come by itself.
/// Members that are all there find each other within the time that evs.inactive_timeout gives a
/// silent one, which is 15 s.
pub(super) const LONG_ENOUGH: u64 = 45;

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
    matches!(decide(evidence).outcome, Outcome::Join { .. } | Outcome::Reform { .. })
}

/// Without a server's process its unit is still before that: it waits, or reads its data.
fn is_young(evidence: &Evidence<'_>, node: &NodeName) -> bool {
    let start = evidence.facts(node).and_then(|facts| facts.start.as_ref());
    start.is_none_or(|start| start.age < LONG_ENOUGH)
}
