//! Whether a node's last write-sets are the cluster's own.
//!
//! A cluster that was started again from a node which was behind keeps its state UUID, and counts
//! on from there. Once it has passed the seqno of the node that was ahead, neither UUID nor seqno
//! tells the two histories apart, and Galera lets that node in: its commits are gone. What tells
//! them apart is where the restart began. The group's views tell nothing: a node that Galera turns
//! away for being ahead was in them.

use crate::facts::{Grastate, HostFacts};
use crate::model::{Gtid, NodeName, Seqno};

/// A restart of the history: from this position, so many seconds ago, where that is known.
struct Restart<'a> {
    position: &'a Gtid,
    age: Option<u64>,
}

/// Why it is not certain that a stopped node at `position` holds nothing but what the others hold or
/// held, although its state UUID is theirs.
pub fn broken_continuity<'a>(
    facts: &HostFacts,
    position: &Gtid,
    others: impl IntoIterator<Item = (&'a NodeName, &'a HostFacts)>,
) -> Option<String> {
    let found = others.into_iter().find_map(|(name, other)| {
        let broken = |restart: &Restart<'_>| {
            restart.position.uuid == position.uuid
                && is_past(position.seqno, restart.position.seqno)
                && !was_there(facts, restart)
        };
        Some((name, restarts(other).find(broken)?))
    });
    let (on, restart) = found?;
    Some(format!(
        "the cluster was started again on {on} at seqno {}, and nothing proves that this node, which is at {}, was in it after that",
        restart.position.seqno, position.seqno
    ))
}

/// The restarts of the others' history that a node is not known to have gone through.
pub fn unproven_restarts<'a>(
    facts: &HostFacts,
    others: impl IntoIterator<Item = &'a HostFacts>,
) -> Vec<Gtid> {
    let all = others.into_iter().flat_map(restarts).filter(|restart| !was_there(facts, restart));
    all.map(|restart| restart.position.clone()).collect()
}

/// All restarts of these hosts' history that are known.
pub fn known_restarts<'a>(hosts: impl IntoIterator<Item = &'a HostFacts>) -> Vec<Gtid> {
    let mut known: Vec<Gtid> = Vec::new();
    for facts in hosts {
        for Restart { position, .. } in restarts(facts) {
            if !known.contains(position) {
                known.push(position.clone());
            }
        }
    }
    known
}

/// The restarts that a host knows of: the running server's own command line, and galactl's records.
fn restarts(facts: &HostFacts) -> impl Iterator<Item = Restart<'_>> {
    let by_hand = facts.start.as_ref().filter(|start| start.new_cluster);
    let by_hand = by_hand.and_then(|start| Some((start.position.as_ref()?, Some(start.age))));
    let record = facts.founding.as_ref();
    let begun = record.and_then(|record| Some((record.recovered.as_ref()?, Some(record.age))));
    let passed = facts.passed.iter().map(|passed| (&passed.position, passed.age));
    let known = by_hand.into_iter().chain(begun).chain(passed);
    known.map(|(position, age)| Restart { position, age }).filter(|restart| !restart.position.uuid.is_zero())
}

/// galactl has seen it join after the restart, or it has left the cluster cleanly, with others still
/// there, later than that.
fn was_there(facts: &HostFacts, restart: &Restart<'_>) -> bool {
    let left = match &facts.datadir.grastate {
        Grastate::Saved(saved) => {
            matches!(saved.position.seqno, Seqno::At(_)) && saved.safe_to_bootstrap == Some(false)
        }
        _ => false,
    };
    let later = matches!((facts.datadir.grastate_age, restart.age), (Some(left), Some(then)) if left < then);
    facts.passed.iter().any(|passed| &passed.position == restart.position) || (left && later)
}

fn is_past(node: Seqno, restart: Seqno) -> bool {
    matches!((node, restart), (Seqno::At(node), Seqno::At(restart)) if node > restart)
}
