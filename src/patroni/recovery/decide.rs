//! The rules, tried in their order.

use std::collections::{BTreeMap, BTreeSet};

use super::evidence::{Evidence, Held, Holding, NodeEvidence};
use super::standing::{Fork, fork, standings};
use super::verdict::{Decision, Doubt, DoubtKind, Rule, Verdict};
use crate::kernel::model::NodeName;
use crate::kernel::model::words::{bytes, names};
use crate::patroni::facts::{Relation, SystemId};

/// Decides what the cluster goes on from.
pub fn decide(evidence: &Evidence) -> Verdict {
    if let Some(verdict) = primary_runs(evidence) {
        return verdict;
    }
    let mut doubts = unseen(evidence);
    doubts.extend(several_clusters(evidence));
    if !doubts.is_empty() {
        return Verdict::refused(doubts);
    }
    let running = running(evidence);
    if !running.is_empty() {
        return Verdict::of(Rule::StopFirst, Decision::Stop { nodes: running });
    }
    let unclear = unclear(evidence);
    if !unclear.is_empty() {
        return Verdict::refused(unclear);
    }
    most_advanced(evidence)
}

fn primary_runs(evidence: &Evidence) -> Option<Verdict> {
    let primaries: Vec<_> = evidence.primaries().collect();
    let (leader, _) = primaries.first()?;
    if primaries.len() > 1 {
        let told = primaries.iter().map(|(node, line)| match line {
            Some(line) => format!("{node} on timeline {} at {}", line.timeline, line.end),
            None => node.to_string(),
        });
        let told = names(&told.collect::<Vec<_>>(), "and");
        let doubt = Doubt::new(DoubtKind::SplitBrain, format!("more than one primary runs: {told}"));
        return Some(Verdict::refused(vec![doubt]));
    }
    let clusters = several_clusters(evidence);
    if let Some(doubt) = clusters {
        return Some(Verdict::refused(vec![doubt]));
    }
    let standings = standings(evidence, leader);
    let led = Decision::Led { leader: (*leader).clone() };
    Some(Verdict { standings, ..Verdict::of(Rule::PrimaryRuns, led) })
}

fn unseen(evidence: &Evidence) -> Vec<Doubt> {
    let unseen = evidence.nodes.iter().filter_map(|node| match &node.holding {
        Holding::Unseen(why) => Some(
            Doubt::new(DoubtKind::Unseen, format!("{why}; it may have more than all others")).on(&node.name),
        ),
        _ => None,
    });
    unseen.collect()
}

/// Identities of data, servers and etcd that are not one.
pub(super) fn several_clusters(evidence: &Evidence) -> Option<Doubt> {
    let mut ids: BTreeMap<&SystemId, Vec<&str>> = BTreeMap::new();
    for (node, line) in evidence.nodes.iter().filter_map(|node| Some((node, node.line()?))) {
        ids.entry(&line.system_id).or_default().push(node.name.as_str());
    }
    for id in &evidence.named {
        ids.entry(id).or_default().push("etcd");
    }
    let told = ids.iter().map(|(id, places)| format!("system {id}: {}", places.join(", ")));
    let told = told.collect::<Vec<_>>().join("; ");
    (ids.len() > 1).then(|| Doubt::new(DoubtKind::TwoClusters, told))
}

/// Nodes on which something is at work that is no primary.
pub(super) fn running(evidence: &Evidence) -> Vec<NodeName> {
    let running = evidence.nodes.iter().filter(|node| matches!(node.holding, Holding::Runs { .. }));
    running.map(|node| node.name.clone()).collect()
}

fn unclear(evidence: &Evidence) -> Vec<Doubt> {
    let unclear = evidence.nodes.iter().filter_map(|node| match &node.holding {
        Holding::Unclear(why) => Some(Doubt::new(DoubtKind::Unclear, why).on(&node.name)),
        _ => None,
    });
    unclear.collect()
}

fn most_advanced(evidence: &Evidence) -> Verdict {
    let held: Vec<_> = evidence.held().collect();
    if held.is_empty() {
        return Verdict::of(Rule::NoData, Decision::NoData);
    }
    let holds = |one: &NodeName, other: &NodeName| {
        matches!(evidence.relation(one, other), Some(Relation::Equal | Relation::Ahead(_)))
    };
    let all = |one: &NodeName| held.iter().all(|(other, _)| holds(one, &other.name));
    let mut best: Vec<_> = held.iter().filter(|(one, _)| all(&one.name)).collect();
    // Of equal ones: whoever may lead, then the last leader, then whoever was synchronous with it.
    best.sort_by_key(|(node, _)| {
        (!node.may_lead, !evidence.led_last(&node.name), !evidence.is_in_sync(&node.name))
    });
    let Some((first, data)) = best.first() else { return Verdict::refused(disagreements(evidence, &held)) };
    let gone = gone(evidence, &held);
    if !gone.is_empty() {
        return Verdict::refused(gone);
    }
    let ties = best[1..].iter().map(|(node, _)| node.name.clone()).collect();
    let outcome = Decision::Start { first: first.name.clone(), line: data.line.clone(), ties };
    Verdict {
        standings: standings(evidence, &first.name),
        remarks: remarks(evidence),
        ..Verdict::of(Rule::MostAdvanced, outcome)
    }
}

/// Each pair of nodes that has no common history, or none that can be read.
fn disagreements(evidence: &Evidence, held: &[(&NodeEvidence, &Held)]) -> Vec<Doubt> {
    let mut doubts = Vec::new();
    for (at, (one, own)) in held.iter().enumerate() {
        for (other, others) in &held[at + 1..] {
            let (kind, told) = match evidence.relation(&one.name, &other.name) {
                Some(Relation::Forked(place)) => {
                    let Fork { from, exact } = fork(evidence, &one.name, &other.name, place);
                    let has = |node: &NodeEvidence, held: &Held| {
                        let own = bytes(held.line.end.since(from.at));
                        let end = (held.line.end, held.line.timeline);
                        format!("{} has {own} of its own up to {} on timeline {}", node.name, end.0, end.1)
                    };
                    let place = if exact { "at" } else { "somewhere after" };
                    let told = format!(
                        "timeline {} forks {place} {}: {}, and {}",
                        from.timeline,
                        from.at,
                        has(one, own),
                        has(other, others)
                    );
                    (DoubtKind::Forked, told)
                }
                Some(Relation::Unknown(why)) => {
                    let told =
                        format!("whether {} or {} has more cannot be told: {why}", one.name, other.name);
                    (DoubtKind::Unclear, told)
                }
                _ => continue,
            };
            doubts.push(Doubt::new(kind, told));
        }
    }
    doubts
}

/// The last leader and every standby that had to have what it acknowledged, where none of them has data. With quorum
/// commit, a commit may be on some standbys only, so that more of them are needed than one.
fn gone(evidence: &Evidence, held: &[(&NodeEvidence, &Held)]) -> Vec<Doubt> {
    let Some(sync) = evidence.sync.as_ref().filter(|_| evidence.synchronous) else { return Vec::new() };
    let must: BTreeSet<&str> = sync.leader.iter().chain(&sync.standbys).map(String::as_str).collect();
    let has_data = |name: &str| held.iter().any(|(node, _)| node.name.as_str() == name);
    let leader = sync.leader.as_deref().is_some_and(has_data);
    let standbys = sync.standbys.iter().filter(|name| has_data(name)).count();
    if must.is_empty() || leader || standbys > usize::from(sync.quorum) {
        return Vec::new();
    }
    let list: Vec<_> = must.into_iter().collect();
    if standbys > 0 {
        let told = format!(
            "with quorum commit, {} had the commits, each perhaps another part; without the leader, data of {} standbys is needed, and that of {standbys} is there",
            names(&list, "and"),
            sync.quorum + 1
        );
        return vec![Doubt::new(DoubtKind::Gone, told)];
    }
    vec![Doubt::new(
        DoubtKind::Gone,
        format!(
            "the key `sync` names {}, and none of them has data: acknowledged commits may be on no other node",
            names(&list, "and")
        ),
    )]
}

/// What cannot be known though all nodes were seen.
fn remarks(evidence: &Evidence) -> Vec<String> {
    let empty = evidence.nodes.iter().filter(|node| node.holding == Holding::Nothing);
    let empty: Vec<_> = empty.map(|node| node.name.as_str()).collect();
    if empty.is_empty() {
        return Vec::new();
    }
    let have = if empty.len() == 1 { "has" } else { "have" };
    let who = names(&empty, "and");
    let remark = match (&evidence.sync, evidence.synchronous) {
        (_, false) => {
            "commits do not wait for a standby here, so whether it acknowledged more than the others have cannot be known"
        }
        (None, true) => {
            "the key `sync` is lost, so whether it was the leader and went on alone at the end cannot be known"
        }
        (Some(_), true) => return Vec::new(),
    };
    vec![format!("{who} {have} no data: {remark}")]
}
