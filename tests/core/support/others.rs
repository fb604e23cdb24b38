//! How others choose the node to start from, each rule as it is documented. None of them knows what
//! galactl knows of running servers, histories and nodes that do not answer.

use galactl::galera::facts::{Grastate, HostFacts, Position};
use galactl::kernel::model::NodeName;

use super::outage::Case;

pub type Choose = fn(&Case) -> Option<NodeName>;

/// The rules, with what they are called in the docs.
pub const RULES: [(&str, Choose); 3] =
    [("saved seqno", highest_saved), ("flag", first_flag), ("recovered seqno", highest_recovered)];

/// The highest seqno in grastate.dat; -1 is the lowest, and no answer where it is the highest.
fn highest_saved(case: &Case) -> Option<NodeName> {
    first_highest(case, |facts, _| match &facts.datadir.grastate {
        Grastate::Saved(saved) => Some(i64::from(saved.position.seqno)),
        _ => None,
    })
}

/// The first node with `safe_to_bootstrap: 1`; without one, the highest seqno in grastate.dat.
fn first_flag(case: &Case) -> Option<NodeName> {
    let flagged = |node: &&NodeName| {
        let facts = case.observation.facts(node);
        matches!(facts.map(|facts| &facts.datadir.grastate),
            Some(Grastate::Saved(saved)) if saved.safe_to_bootstrap == Some(true))
    };
    case.told.nodes.iter().find(flagged).cloned().or_else(|| highest_saved(case))
}

/// The highest seqno that `--wsrep-recover` finds, whatever its UUID. A running server is stopped for
/// that, so that it is where its last commit was.
fn highest_recovered(case: &Case) -> Option<NodeName> {
    first_highest(case, |facts, position| match (facts.live(), position) {
        (Some(live), _) if live.wsrep_on => Some(i64::from(live.last_committed)),
        (_, Some(Position::At(position))) => Some(i64::from(position.seqno)),
        _ => None,
    })
}

fn first_highest(
    case: &Case,
    seqno: impl Fn(&HostFacts, Option<&Position>) -> Option<i64>,
) -> Option<NodeName> {
    let known = case.told.nodes.iter().rev().filter_map(|node| {
        let recovered = case.observation.recovered.as_ref()?.get(node);
        let at = seqno(case.observation.facts(node)?, recovered.map(|recovered| &recovered.position))?;
        Some((node, at))
    });
    known.max_by_key(|(_, at)| *at).filter(|(_, at)| *at >= 0).map(|(node, _)| node.clone())
}
