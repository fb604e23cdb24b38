//! The rules, tried in their order.

use std::collections::BTreeSet;

use super::evidence::Evidence;
use super::holding::Holding;
use super::missing;
use super::standing::{Base, standings};
use super::verdict::{Decision, Doubt, DoubtKind, Rule, Verdict};
use crate::galera::facts::{Grastate, LastView, Live};
use crate::galera::model::{Gtid, Seqno, StateUuid};
use crate::kernel::judge::PLACE;
use crate::kernel::model::NodeName;

type Held<'a> = [(&'a NodeName, Holding)];

/// Decides what the cluster goes on from. The order of the nodes matters for ties alone.
pub fn decide(evidence: &Evidence<'_>) -> Verdict {
    let held = evidence.holdings();
    primary_alive(evidence, &held)
        .or_else(|| quorum_lost(evidence, &held))
        .or_else(|| last_view(evidence, &held))
        .unwrap_or_else(|| highest_seqno(evidence, &held))
}

fn primary_alive(evidence: &Evidence<'_>, held: &Held<'_>) -> Option<Verdict> {
    let members: Vec<(&NodeName, &Live)> =
        held.iter().filter_map(|(node, _)| Some((*node, primary(evidence, node)?))).collect();
    let (first, live) = members.first()?;
    let elsewhere = |count: &usize| {
        let (_, other) = members[*count];
        !members[..*count].iter().all(|(_, live)| live.shares_view(other))
            || *count as u64 >= other.cluster_size
    };
    if let Some(count) = (1..members.len()).find(elsewhere) {
        let (other, _) = members[count];
        let evidence = format!(
            "it is Primary in another view than {first}: two Primary components, or one that changes just now"
        );
        let next = "run this again; if it stays so, stop the client traffic, and find out which of the two holds the data";
        return Some(Verdict::refused(vec![Doubt::new(DoubtKind::Diverged, evidence, next).on(other)]));
    }
    let Some(state) = live.state_uuid.clone() else {
        let doubt = Doubt::new(
            DoubtKind::Unclear,
            "it is Primary, and does not tell its state UUID",
            "run this again",
        );
        return Some(Verdict::refused(vec![doubt.on(first)]));
    };
    let seqno = members.iter().map(|(_, live)| live.last_committed).max_by_key(|seqno| i64::from(*seqno))?;
    let base = Base { source: first, state: &state, seqno, alive: true, waiting_stays: true };
    Some(Verdict {
        rule: Rule::PrimaryAlive,
        standings: standings(evidence, &base),
        outcome: Decision::Join { source: (*first).clone(), state },
        doubts: Vec::new(),
    })
}

fn primary<'a>(evidence: &Evidence<'a>, node: &NodeName) -> Option<&'a Live> {
    evidence.facts(node)?.live().filter(|live| live.is_primary())
}

fn quorum_lost(evidence: &Evidence<'_>, held: &Held<'_>) -> Option<Verdict> {
    held.iter().find(|(_, holding)| matches!(holding, Holding::Waiting { .. }))?;
    let mut doubts = unknown(evidence, held);
    doubts.extend(several_histories(evidence, held));
    doubts.extend(held.iter().filter_map(untold));
    let runs = |(node, holding): &(&NodeName, Holding)| match holding {
        Holding::Waiting { state: Some(state), seqno: Seqno::At(seqno) } => {
            let size =
                evidence.facts(node).and_then(|facts| facts.live()).map_or(0, |live| live.cluster_size);
            Some(((*node).clone(), state.clone(), *seqno, size))
        }
        _ => None,
    };
    // Of several that are equal, the first: the order is turned around for that.
    let best = held.iter().rev().filter_map(runs).max_by_key(|(_, _, seqno, size)| (*seqno, *size));
    if let Some((node, _, seqno, _)) = &best {
        if doubts.is_empty() && overtaken(held, *seqno) {
            return None;
        }
        let next = "stop the running servers one after the other, then run this again: it decides among stopped nodes then";
        doubts.extend(ahead_of(held, node, *seqno, next));
    }
    if doubts.is_empty()
        && let Some(stop) = stop_first(held)
    {
        return Some(stop);
    }
    let Some((node, state, seqno, _)) = best.filter(|_| doubts.is_empty()) else {
        if doubts.is_empty() {
            let what = "the servers that run without a Primary component do not tell how far they got";
            doubts.push(Doubt::new(DoubtKind::Unclear, what, "stop them, then run this again"));
        }
        return Some(Verdict::refused(doubts));
    };
    let seqno = Seqno::At(seqno);
    let base = Base { source: &node, state: &state, seqno, alive: true, waiting_stays: true };
    Some(Verdict {
        rule: Rule::QuorumLost,
        standings: standings(evidence, &base),
        outcome: Decision::Restore { node, state, seqno },
        doubts,
    })
}

/// A stopped node with a certain position is past all that run. The cluster went on without those and then stopped:
/// what counts is what the stopped ones hold.
fn overtaken(held: &Held<'_>, running: u64) -> bool {
    held.iter().filter_map(|(_, holding)| seqno_at(holding)).any(|seqno| seqno > running)
}

/// The members of the last view are all here, and no other node is ahead of them.
fn last_view(evidence: &Evidence<'_>, held: &Held<'_>) -> Option<Verdict> {
    if !unknown(evidence, held).is_empty() || !several_histories(evidence, held).is_empty() {
        return None;
    }
    let views = held.iter().filter_map(|(node, _)| evidence.facts(node)?.datadir.gvwstate.view());
    let last = views.max_by_key(|view| missing::number(view))?;
    let own = |node: &NodeName| {
        evidence.facts(node)?.datadir.gvwstate.view().filter(|view| view.view_id == last.view_id)
    };
    let (members, others): (Vec<_>, Vec<_>) = held.iter().partition(|(node, _)| own(node).is_some());
    let views: Vec<&LastView> = members.iter().filter_map(|(node, _)| own(node)).collect();
    let names: BTreeSet<String> = views.iter().map(|view| view.my_uuid.clone()).collect();
    let whole = views.iter().all(|view| view.members == names);
    if !whole || names.len() != views.len() {
        return None;
    }
    let state = common_state(evidence, &members)?;
    let furthest = members.iter().filter_map(|(_, holding)| seqno_at(holding)).max();
    // The rest was not in that view, so it must be known to be behind it.
    let behind = |(_, holding): &&(&NodeName, Holding)| match holding {
        Holding::At(Gtid { seqno, .. })
        | Holding::Void { data: Some(Gtid { seqno, .. }), .. }
        | Holding::Waiting { state: Some(_), seqno } => {
            matches!((seqno, furthest), (Seqno::At(seqno), Some(furthest)) if *seqno <= furthest)
        }
        Holding::Void { data: None, .. } | Holding::Stranger(_) => true,
        _ => false,
    };
    if !others.iter().all(behind) {
        return None;
    }
    let nodes: Vec<NodeName> = members.iter().map(|(node, _)| (*node).clone()).collect();
    let source = members.iter().rev().max_by_key(|(_, holding)| seqno_at(holding))?.0;
    let seqno = furthest.map_or(Seqno::Unknown, Seqno::At);
    let base = Base { source, state: &state, seqno, alive: true, waiting_stays: false };
    let standings = standings(evidence, &base);
    let outcome = Decision::Reform { nodes, state };
    Some(Verdict { rule: Rule::LastView, outcome, standings, doubts: Vec::new() })
}

/// The state UUID that all of the members have. None of them is looping, or of unknown state.
fn common_state(evidence: &Evidence<'_>, members: &[&(&NodeName, Holding)]) -> Option<StateUuid> {
    let mut states = BTreeSet::new();
    for (node, holding) in members {
        let facts = evidence.facts(node)?;
        match holding {
            Holding::At(position) => drop(states.insert(position.uuid.clone())),
            // It waits for the other members, as it should.
            Holding::Starting { looping: false, .. } => {
                states.insert(facts.datadir.grastate.known_uuid()?.clone());
            }
            _ => return None,
        }
    }
    (states.len() == 1).then(|| states.pop_first()).flatten()
}

fn highest_seqno(evidence: &Evidence<'_>, held: &Held<'_>) -> Verdict {
    if held.iter().all(|(_, holding)| matches!(holding, Holding::Stranger(_))) {
        return Verdict { outcome: Decision::NoCluster, ..Verdict::refused(Vec::new()) };
    }
    let mut doubts = unknown(evidence, held);
    doubts.extend(several_histories(evidence, held));
    let position = |(node, holding): &(&NodeName, Holding)| match holding {
        Holding::At(position) => Some(((*node).clone(), position.clone(), seqno_at(holding)?)),
        _ => None,
    };
    let known: Vec<_> = held.iter().filter_map(position).collect();
    let best = known.iter().rev().max_by_key(|(_, _, seqno)| *seqno);
    if doubts.is_empty()
        && let Some(verdict) = one_position(evidence, held)
    {
        return verdict;
    }
    if let Some((node, _, seqno)) = best {
        let next = choose("find out what those write-sets are; then");
        doubts.extend(ahead_of(held, node, *seqno, &next));
    }
    if doubts.is_empty()
        && let Some(stop) = stop_first(held)
    {
        return stop;
    }
    let Some((node, position, seqno)) = best.filter(|_| doubts.is_empty()) else {
        if doubts.is_empty() {
            let what = "no node's state is certain, so that none can be preferred to the others";
            let next = choose("compare the data; then");
            doubts.push(Doubt::new(DoubtKind::Unclear, what, next));
        }
        return Verdict::refused(doubts);
    };
    let ties = known.iter().filter(|(other, _, at)| other != node && at == seqno);
    let ties = ties.map(|(other, _, _)| other.clone()).collect();
    let base = Base {
        source: node,
        state: &position.uuid,
        seqno: position.seqno,
        alive: false,
        waiting_stays: false,
    };
    Verdict {
        rule: Rule::HighestSeqno,
        standings: standings(evidence, &base),
        outcome: Decision::Start { node: node.clone(), position: position.clone(), ties },
        doubts,
    }
}

/// No node's state is certain, as after a crash in a DDL statement, and the data of all got equally far, or all but that
/// statement. A DDL statement runs alone, so every node has all rows that came before it. One that copies a table writes
/// its own seqno while it copies, on the nodes that apply it (seen with 10.11). So the one that got furthest has all.
fn one_position(evidence: &Evidence<'_>, held: &Held<'_>) -> Option<Verdict> {
    // A node with half of a state transfer has a position, too: such a node does not count.
    let in_ddl = |node: &NodeName| {
        let datadir = &evidence.facts(node)?.datadir;
        let zero = matches!(&datadir.grastate, Grastate::Saved(saved) if saved.position.uuid.is_zero());
        (zero && datadir.sst_leftovers.is_empty()).then_some(())
    };
    let data = |(node, holding): &(&NodeName, Holding)| match holding {
        Holding::Void { data: Some(position), .. } => {
            in_ddl(node).map(|()| ((*node).clone(), position.clone()))
        }
        _ => None,
    };
    let all: Vec<_> = held.iter().map(data).collect::<Option<_>>()?;
    let at = |position: &Gtid| match position.seqno {
        Seqno::At(seqno) if !position.uuid.is_zero() => Some(seqno),
        _ => None,
    };
    let (node, position) = all.iter().rev().max_by_key(|(_, position)| at(position))?;
    let is_near = |other: &Gtid| {
        let near = at(other).zip(at(position)).is_some_and(|(seqno, most)| seqno.saturating_add(1) >= most);
        near && other.uuid == position.uuid
    };
    if !all.iter().all(|(_, other)| is_near(other)) {
        return None;
    }
    let ties = all.iter().filter(|(other, at)| other != node && at == position);
    let ties = ties.map(|(other, _)| other.clone()).collect();
    let (state, seqno) = (&position.uuid, position.seqno);
    let base = Base { source: node, state, seqno, alive: false, waiting_stays: false };
    Some(Verdict {
        rule: Rule::OnePosition,
        standings: standings(evidence, &base),
        outcome: Decision::Start { node: node.clone(), position: position.clone(), ties },
        doubts: Vec::new(),
    })
}

/// Nodes whose evidence is missing or does not tell.
fn unknown(evidence: &Evidence<'_>, held: &Held<'_>) -> Vec<Doubt> {
    let doubt = |(node, holding): &(&NodeName, Holding)| {
        let (kind, why, next) = match holding {
            Holding::Unseen(why) => (
                DoubtKind::Unseen,
                why,
                "make it answer: it may hold the last commits, or run the cluster right now".to_owned(),
            ),
            Holding::Unclear(why) => {
                (DoubtKind::Unclear, why, choose("find out what its data holds, or save it; then"))
            }
            Holding::Missing(why) => (DoubtKind::Unclear, why, missing::next()),
            Holding::Outside(why) => {
                let next =
                    "let it answer, or stop its server once you know what it is for; then run this again";
                (DoubtKind::Unclear, why, next.to_owned())
            }
            _ => return None,
        };
        Some(Doubt::new(kind, why, next).on(node))
    };
    held.iter().filter_map(doubt).chain(missing::uncounted(evidence, held)).collect()
}

/// What somebody has to decide, and how it is said to galactl.
fn choose(first: &str) -> String {
    format!("{first} choose the node to go on from: galactl recover {PLACE} --seed NODE")
}

/// A running server that has a state, and does not say how far it got.
fn untold((node, holding): &(&NodeName, Holding)) -> Option<Doubt> {
    let Holding::Waiting { state: Some(_), seqno: Seqno::Unknown } = holding else { return None };
    let what = "its server runs without a Primary component, and does not tell how far it got";
    Some(Doubt::new(DoubtKind::Unclear, what, "stop it, then run this again").on(node))
}

/// What the servers hold that start again and again can be read only after a stop.
fn stop_first(held: &Held<'_>) -> Option<Verdict> {
    let starting = held.iter().filter(|(_, holding)| matches!(holding, Holding::Starting { .. }));
    let nodes: Vec<NodeName> = starting.map(|(node, _)| (*node).clone()).collect();
    let outcome = Decision::Stop { nodes: nodes.clone() };
    (!nodes.is_empty()).then(|| Verdict { outcome, ..Verdict::refused(Vec::new()) })
}

/// More than one state UUID, or one that was gone on from in two places.
fn several_histories(evidence: &Evidence<'_>, held: &Held<'_>) -> Vec<Doubt> {
    let positions: Vec<(&NodeName, Gtid)> =
        held.iter().filter_map(|(node, holding)| Some((*node, holding.position()?))).collect();
    let states: BTreeSet<&StateUuid> = positions.iter().map(|(_, position)| &position.uuid).collect();
    let next = choose("one of them must be given up: compare their data; then");
    if states.len() > 1 {
        let list: Vec<_> = positions.iter().map(|(node, position)| format!("{node} {position}")).collect();
        let evidence = format!("there are {} histories: {}", states.len(), list.join(", "));
        return vec![Doubt::new(DoubtKind::Diverged, evidence, next)];
    }
    // A node that was not seen may know of a restart that explains it.
    let all_seen = held.iter().all(|(_, holding)| !matches!(holding, Holding::Unseen(_)));
    let kind = if all_seen { DoubtKind::Diverged } else { DoubtKind::Unclear };
    let broken = |(node, position): &(&NodeName, Gtid)| {
        Some(Doubt::new(kind, evidence.broken(node, position)?, next.clone()).on(node))
    };
    positions.iter().filter_map(broken).collect()
}

/// Stopped nodes that are past `seqno`. Of those that may be started from, none is, where the
/// highest was taken.
fn ahead_of(held: &Held<'_>, best: &NodeName, seqno: u64, next: &str) -> Vec<Doubt> {
    let doubt = |(node, holding): &(&NodeName, Holding)| {
        let (why, position) = match holding {
            Holding::At(position) => ("it is stopped", position),
            Holding::Void { why, data: Some(position) } => (why.as_str(), position),
            _ => return None,
        };
        let Seqno::At(own) = position.seqno else { return None };
        let evidence = format!(
            "its data goes to seqno {own}, and that of {best} to {seqno}: {} write-sets would be lost ({why})",
            own.checked_sub(seqno).filter(|more| *more > 0)?
        );
        Some(Doubt::new(DoubtKind::Ahead, evidence, next).on(node))
    };
    held.iter().filter_map(doubt).collect()
}

/// Never -1: an unknown seqno is not compared.
fn seqno_at(holding: &Holding) -> Option<u64> {
    match holding {
        Holding::At(Gtid { seqno: Seqno::At(seqno), .. }) => Some(*seqno),
        _ => None,
    }
}
