//! Whether a node's last write-sets are the cluster's own.
//!
//! A cluster that was started again from a node which was behind keeps its state UUID, and counts
//! on from there. Once it has passed the seqno of the node that was ahead, neither UUID nor seqno
//! tells the two histories apart, and Galera lets that node in: its commits are gone. What tells
//! them apart is where the restart began. That a node was in a view after it proves nothing: one
//! that Galera turns away for being ahead was. But a node that went on from a view which others were
//! never in proves that those others, where they are past it, were started again without it.

use std::collections::BTreeSet;

use super::last_one::gone_on_without;
use super::restarts::{Peer, Restart, is_past, restarts};
use crate::galera::facts::{Grastate, HostFacts};
use crate::galera::model::{Gtid, Seqno};

/// Why it is not certain that a node at `position` holds nothing but what the others hold or held,
/// although its state UUID is theirs.
pub fn broken_continuity(facts: &HostFacts, position: &Gtid, peers: &[Peer<'_>]) -> Option<String> {
    after_restart(facts, position, peers)
        .or_else(|| past_its_last_view(facts, position, peers))
        .or_else(|| gone_on_without(facts, position, peers))
}

/// A restart that somebody remembers began behind it.
fn after_restart(facts: &HostFacts, position: &Gtid, peers: &[Peer<'_>]) -> Option<String> {
    // One host may know when it was, where another knows only that it was.
    let dated = |restart: Restart<'_>| {
        let all = peers.iter().flat_map(|peer| restarts(peer.facts));
        all.filter(|same| same.position == restart.position).filter_map(|same| same.age).max()
    };
    let broken = |restart: &Restart<'_>| {
        restart.position.uuid == position.uuid
            && is_past(position.seqno, restart.position.seqno)
            && !was_there(facts, &Restart { age: dated(*restart), ..*restart })
    };
    let all = peers.iter().flat_map(|peer| restarts(peer.facts)).filter(broken);
    let first = all.map(|restart| restart.position.seqno).min_by_key(|seqno| i64::from(*seqno))?;
    Some(format!(
        "the cluster was started again at seqno {first}, and nothing proves that this node, which is at {}, was in it after that",
        position.seqno
    ))
}

/// Its last Primary component ended with all of its members in it, and a node that was none of them is
/// past it.
fn past_its_last_view(facts: &HostFacts, position: &Gtid, peers: &[Peer<'_>]) -> Option<String> {
    let own = facts.datadir.gvwstate.view()?;
    let ended_there = |facts: &HostFacts| {
        let view = facts.datadir.gvwstate.view().filter(|view| view.view_id == own.view_id);
        view.map(|view| view.my_uuid.clone())
    };
    let ended: BTreeSet<String> =
        peers.iter().filter_map(|peer| ended_there(peer.facts)).chain([own.my_uuid.clone()]).collect();
    if ended != own.members {
        return None;
    }
    let outside = past(position, peers.iter().filter(|peer| ended_there(peer.facts).is_none()))?;
    Some(format!(
        "its last Primary component ended with all its members, and {}, which was not in it, is past it: the cluster was started again without it, from an earlier position",
        outside.name
    ))
}

/// A node of the same history that is past this position.
fn past<'p, 'a>(position: &Gtid, peers: impl IntoIterator<Item = &'p Peer<'a>>) -> Option<&'p Peer<'a>>
where
    'a: 'p,
{
    let is_past = |other: &Gtid| other.uuid == position.uuid && is_past(other.seqno, position.seqno);
    peers.into_iter().find(|peer| peer.position.as_ref().is_some_and(is_past))
}

/// The restarts of the others' history that a node is not known to have gone through.
pub fn unproven_restarts<'a>(
    facts: &HostFacts,
    others: impl IntoIterator<Item = &'a HostFacts>,
) -> Vec<Gtid> {
    let all = others.into_iter().flat_map(restarts).filter(|restart| !was_there(facts, restart));
    all.map(|restart| restart.position.clone()).collect()
}

/// It began the restart itself, galactl has seen it join after that, or it has left the cluster
/// cleanly, with others still there, later than that, or its server was started later and came up. A
/// clean stop removes gvwstate.dat: where it is there, the seqno was written by hand.
fn was_there(facts: &HostFacts, restart: &Restart<'_>) -> bool {
    let left = match &facts.datadir.grastate {
        Grastate::Saved(saved) => {
            matches!(saved.position.seqno, Seqno::At(_))
                && saved.safe_to_bootstrap == Some(false)
                && !facts.datadir.gvwstate.is_there()
        }
        _ => false,
    };
    let later = matches!((facts.datadir.grastate_age, restart.age), (Some(left), Some(then)) if left < then);
    let own = restarts(facts).any(|own| own.position == restart.position);
    // A server that answers has been in a Primary component since it was started.
    let started = facts.live().and(facts.start.as_ref()).map(|start| start.age);
    let came_later = matches!((started, restart.age), (Some(started), Some(then)) if started <= then);
    own || (left && later) || came_later
}
