//! The user's own choice, and what it overrides.

use super::decide::{decide, running};
use super::evidence::{Evidence, Holding};
use super::standing::standings;
use super::verdict::{Decision, Doubt, DoubtKind, Rule, Verdict};
use crate::kernel::model::NodeName;

/// Goes on from `seed`, whatever that discards. Where the rules choose it anyway, that is their verdict. A primary that
/// is alone is never overridden, and neither is a node that has nothing to go on from.
pub fn force(evidence: &Evidence, seed: &NodeName) -> Verdict {
    let decided = decide(evidence);
    if decided.source() == Some(seed) || matches!(decided.outcome, Decision::Stop { .. }) {
        return decided;
    }
    if let Decision::Led { leader } = &decided.outcome {
        let what = "it is the primary, and no node is started beside it by force";
        return Verdict::refused(vec![Doubt::new(DoubtKind::Alive, what).on(leader)]);
    }
    // Of several primaries none is the cluster's any more than the others. All of them end, and are then compared.
    let mut stop: Vec<_> = evidence.primaries().map(|(node, _)| node.clone()).collect();
    stop.extend(running(evidence));
    if !stop.is_empty() {
        stop.sort_by_key(|name| evidence.nodes.iter().position(|node| &node.name == name));
        return Verdict {
            doubts: decided.doubts,
            ..Verdict::of(Rule::StopFirst, Decision::Stop { nodes: stop })
        };
    }
    let line = match evidence.node(seed).map(|node| &node.holding) {
        Some(Holding::Data(held)) => held.line.clone(),
        Some(Holding::Unseen(why) | Holding::Unclear(why)) => return impossible(seed, why),
        Some(Holding::Nothing) => return impossible(seed, "it has no data"),
        Some(Holding::Primary(_) | Holding::Runs { .. }) | None => {
            return impossible(seed, "it is no stopped node of this cluster");
        }
    };
    if let Some(named) = evidence.named.iter().find(|named| **named != line.system_id) {
        let why = format!("its data is of system {}, and etcd names system {named}", line.system_id);
        return impossible(seed, &why);
    }
    Verdict {
        standings: standings(evidence, seed),
        doubts: decided.doubts,
        ..Verdict::of(Rule::Forced, Decision::Start { first: seed.clone(), line, ties: Vec::new() })
    }
}

fn impossible(seed: &NodeName, why: &str) -> Verdict {
    let doubt = Doubt::new(DoubtKind::Impossible, format!("it cannot be started from: {why}"));
    Verdict::refused(vec![doubt.on(seed)])
}
