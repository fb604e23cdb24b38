//! Whether a node's last write-sets are the cluster's own.
//!
//! A cluster that was started again from a node which was behind keeps its state UUID, and counts
//! on from there. Once it has passed the seqno of the node that was ahead, neither UUID nor seqno
//! tells the two histories apart, and Galera lets that node in: its commits are gone. What tells
//! them apart is where the restart began. The group's views tell nothing: a node that Galera turns
//! away for being ahead was in them.

use crate::facts::{Grastate, HostFacts};
use crate::model::{Gtid, NodeName, Seqno};

/// A restart of the history: from this position, so many seconds ago.
struct Restart<'a> {
    position: &'a Gtid,
    age: u64,
}

/// Another node, and how far it is known to be.
pub struct Other<'a> {
    pub name: &'a NodeName,
    pub facts: &'a HostFacts,
    pub position: Option<Gtid>,
}

/// Why it is not certain that a stopped node at `position` holds nothing but what the others hold or
/// held, although its state UUID is theirs.
pub fn broken_continuity(facts: &HostFacts, position: &Gtid, others: &[Other<'_>]) -> Option<String> {
    restarted(facts, position, others).or_else(|| gone_on_without(facts, position, others))
}

fn restarted(facts: &HostFacts, position: &Gtid, others: &[Other<'_>]) -> Option<String> {
    let found = others.iter().find_map(|other| {
        let broken = |restart: &Restart<'_>| {
            restart.position.uuid == position.uuid
                && is_past(position.seqno, restart.position.seqno)
                && !was_there(facts, restart)
        };
        Some((other.name, restarts(other.facts).find(broken)?))
    });
    let (on, restart) = found?;
    Some(format!(
        "the cluster was started again on {on} at seqno {}, and nothing proves that this node, which is at {}, was in it after that",
        restart.position.seqno, position.seqno
    ))
}

/// Galera has left its flag on a node, and so nobody was in the cluster after it. One that runs, is
/// further, or has the flag as well was then started from what it had itself. Where that was is not
/// known, so that any third node may be on either side of it.
fn gone_on_without(facts: &HostFacts, position: &Gtid, others: &[Other<'_>]) -> Option<String> {
    if facts.server_runs() {
        return None;
    }
    if left_last(facts) {
        let other = apart(position, others, None)?;
        return Some(format!(
            "Galera's own safe_to_bootstrap: 1 says that nobody was in the cluster after this node, and {other} went on all the same: somebody has started it by hand from what it had"
        ));
    }
    others.iter().filter(|last| left_last(last.facts)).find_map(|last| {
        let theirs = last.position.as_ref().filter(|theirs| theirs.uuid == position.uuid)?;
        let other = apart(theirs, others, Some(last.name))?;
        Some(format!(
            "{other} was started by hand without {}, which Galera's own safe_to_bootstrap: 1 says was the last of the cluster; with which of the two this node was is not known",
            last.name
        ))
    })
}

/// A node that went on without the one that was the cluster's last, at this position.
fn apart<'a>(last: &Gtid, others: &[Other<'a>], itself: Option<&NodeName>) -> Option<&'a NodeName> {
    if others.iter().any(|other| goes_back_to(other.facts, last)) {
        return None;
    }
    let went_on = |other: &&Other<'_>| {
        let theirs = other.position.as_ref().filter(|theirs| theirs.uuid == last.uuid);
        let past = |theirs: &Gtid| {
            other.facts.is_primary() || is_past(theirs.seqno, last.seqno) || left_last(other.facts)
        };
        Some(other.name) != itself && theirs.is_some_and(past)
    };
    others.iter().find(went_on).map(|other| other.name)
}

/// A stopped node with the flag, by Galera's own hand.
fn left_last(facts: &HostFacts) -> bool {
    let flag = match &facts.datadir.grastate {
        Grastate::Saved(saved) => saved.safe_to_bootstrap == Some(true),
        _ => false,
    };
    let whole = facts.datadir.joiners_leftovers().next().is_none();
    flag && whole && !facts.datadir.grastate_edited && !facts.server_runs()
}

/// galactl has started the cluster again from this host, and had seen that it holds all up to there.
fn goes_back_to(facts: &HostFacts, position: &Gtid) -> bool {
    let recorded = facts.founding.as_ref().and_then(|record| record.recovered.as_ref());
    recorded.is_some_and(|from| from.uuid == position.uuid && !is_past(position.seqno, from.seqno))
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
        let passed = facts.passed.iter().chain(restarts(facts).map(|restart| restart.position));
        for position in passed {
            if !known.contains(position) {
                known.push(position.clone());
            }
        }
    }
    known
}

/// The restarts that a host knows of: the running server's own command line, and galactl's record.
fn restarts(facts: &HostFacts) -> impl Iterator<Item = Restart<'_>> {
    let by_hand = facts.start.as_ref().filter(|start| start.new_cluster);
    let by_hand = by_hand.and_then(|start| Some((start.position.as_ref()?, start.age)));
    let recorded = facts.founding.as_ref().and_then(|record| Some((record.recovered.as_ref()?, record.age)));
    let known = by_hand.into_iter().chain(recorded);
    known.map(|(position, age)| Restart { position, age }).filter(|restart| !restart.position.uuid.is_zero())
}

/// galactl has seen it join after the restart, or it has left the cluster cleanly, with others still
/// there, later than that, or its server was started later and came up.
fn was_there(facts: &HostFacts, restart: &Restart<'_>) -> bool {
    let left = match &facts.datadir.grastate {
        Grastate::Saved(saved) => {
            matches!(saved.position.seqno, Seqno::At(_)) && saved.safe_to_bootstrap == Some(false)
        }
        _ => false,
    };
    let later = facts.datadir.grastate_age.is_some_and(|age| age < restart.age);
    // A server that answers has been in a Primary component since it was started.
    let came_later = facts.live().is_some() && facts.start.as_ref().is_some_and(|own| own.age <= restart.age);
    facts.passed.contains(restart.position) || (left && later) || came_later
}

fn is_past(node: Seqno, restart: Seqno) -> bool {
    matches!((node, restart), (Seqno::At(node), Seqno::At(restart)) if node > restart)
}
