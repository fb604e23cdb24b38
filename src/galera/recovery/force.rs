//! The user's own choice, and what it overrides.

use super::decide::decide;
use super::evidence::Evidence;
use super::holding::Holding;
use super::standing::{Base, standings};
use super::verdict::{Decision, Doubt, DoubtKind, Rule, Verdict};
use crate::galera::facts::Position;
use crate::galera::model::{Gtid, Seqno};
use crate::kernel::judge::PLACE;
use crate::kernel::model::NodeName;

/// Goes on from `seed`, whatever that discards. Where the rules choose it anyway, that is their
/// verdict. A living Primary component is never overridden, and neither is a node that has nothing
/// to go on from.
pub fn force(evidence: &Evidence<'_>, seed: &NodeName) -> Verdict {
    let decided = decide(evidence);
    if decided.source() == Some(seed) || matches!(decided.outcome, Decision::Stop { .. }) {
        return decided;
    }
    let held = evidence.holdings();
    if let Some((node, _)) = held.iter().find(|(_, holding)| matches!(holding, Holding::Primary { .. })) {
        let what = "it is in a Primary component, and no node is started beside it by force";
        let next = format!("let the others join it: galactl recover {PLACE}, without --seed");
        return Verdict::refused(vec![Doubt::new(DoubtKind::Alive, what, next).on(node)]);
    }
    let holding = held.into_iter().find(|(node, _)| *node == seed).map(|(_, holding)| holding);
    let outcome = match holding {
        Some(Holding::Waiting { state: Some(state), seqno }) => {
            Decision::Restore { node: seed.clone(), state, seqno }
        }
        Some(Holding::Starting { .. }) => {
            return Verdict { outcome: Decision::Stop { nodes: vec![seed.clone()] }, ..decided };
        }
        Some(holding) => match position(evidence, seed, holding) {
            Ok(position) => Decision::Start { node: seed.clone(), position, ties: Vec::new() },
            Err(why) => return impossible(seed, &why),
        },
        None => return impossible(seed, "it is no node of this cluster"),
    };
    let (state, seqno) = match &outcome {
        Decision::Restore { state, seqno, .. } => (state.clone(), *seqno),
        Decision::Start { position, .. } => (position.uuid.clone(), position.seqno),
        _ => return decided,
    };
    let alive = matches!(outcome, Decision::Restore { .. });
    let base = Base { source: seed, state: &state, seqno, alive, waiting_stays: alive };
    let standings = standings(evidence, &base);
    Verdict { rule: Rule::Forced, outcome, standings, doubts: decided.doubts }
}

/// Where a stopped node's data can be started from: the data's own word before grastate.dat's.
fn position(evidence: &Evidence<'_>, seed: &NodeName, holding: Holding) -> Result<Gtid, String> {
    match holding {
        Holding::At(position) | Holding::Void { data: Some(position), .. } => Ok(position),
        Holding::Unclear(why) => {
            let recovered = evidence.observation.recovered.as_ref().and_then(|all| all.get(seed));
            match recovered.map(|recovered| &recovered.position) {
                Some(Position::At(position @ Gtid { seqno: Seqno::At(_), .. })) => Ok(position.clone()),
                _ => Err(why),
            }
        }
        Holding::Unseen(why)
        | Holding::Outside(why)
        | Holding::Missing(why)
        | Holding::Stranger(why)
        | Holding::Void { why, data: None }
        | Holding::Starting { why, .. } => Err(why),
        Holding::Waiting { .. } | Holding::Primary { .. } => {
            Err("its server does not tell its state UUID".into())
        }
    }
}

fn impossible(seed: &NodeName, why: &str) -> Verdict {
    let next = "name a node whose data has a position";
    Verdict::refused(vec![
        Doubt::new(DoubtKind::Unclear, format!("it cannot be started from: {why}"), next).on(seed),
    ])
}
