//! The last one of a component, by the flag that Galera leaves on it.

use super::restarts::{Peer, is_past, restarts};
use crate::galera::facts::{Grastate, HostFacts};
use crate::galera::model::Gtid;
use crate::kernel::model::NodeName;

/// Galera left its flag on a node, so no other node was in the cluster after this one had stopped. Another node that
/// runs, has a higher seqno, or has the flag as well was therefore started later, from its own data. At which position
/// is not known, so any third node may belong to either history.
pub(super) fn gone_on_without(facts: &HostFacts, position: &Gtid, others: &[Peer<'_>]) -> Option<String> {
    if facts.server_runs() {
        return None;
    }
    if left_last(facts) {
        let other = first(apart(position, others, None))?;
        return Some(format!(
            "Galera's own safe_to_bootstrap: 1 says that nobody was in the cluster after this node, and {other} went on all the same: somebody has started it by hand from what it had"
        ));
    }
    let pairs = others.iter().filter(|last| left_last(last.facts)).filter_map(|last| {
        let theirs = last.position.as_ref().filter(|theirs| theirs.uuid == position.uuid)?;
        let unclear = apart(theirs, others, Some(last.name));
        let unclear = unclear.into_iter().filter(|other| !began_at_or_past(other.facts, position));
        Some((first(unclear.collect())?, last.name))
    });
    let (other, last) = pairs.min()?;
    Some(format!(
        "{other} was started by hand without {last}, which Galera's own safe_to_bootstrap: 1 says was the last of the cluster; with which of the two this node was is not known"
    ))
}

/// Nodes that went on without the one that was the cluster's last, at this position.
fn apart<'p, 'a>(last: &Gtid, others: &'p [Peer<'a>], itself: Option<&NodeName>) -> Vec<&'p Peer<'a>> {
    if others.iter().any(|other| goes_back_to(other.facts, last)) {
        return Vec::new();
    }
    let went_on = |other: &&Peer<'_>| {
        let theirs = other.position.as_ref().filter(|theirs| theirs.uuid == last.uuid);
        let past = |theirs: &Gtid| {
            other.facts.is_primary() || is_past(theirs.seqno, last.seqno) || left_last(other.facts)
        };
        Some(other.name) != itself && theirs.is_some_and(past)
    };
    others.iter().filter(went_on).collect()
}

/// The same one, in whatever order the nodes are.
fn first<'a>(peers: Vec<&Peer<'a>>) -> Option<&'a NodeName> {
    peers.into_iter().map(|peer| peer.name).min()
}

/// The position is known at which its history was started again. A node that is not past that position belongs to
/// both histories.
fn began_at_or_past(facts: &HostFacts, position: &Gtid) -> bool {
    let known = restarts(facts).filter(|restart| restart.position.uuid == position.uuid);
    known
        .min_by_key(|restart| i64::from(restart.position.seqno))
        .is_some_and(|restart| !is_past(position.seqno, restart.position.seqno))
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
    let recorded = facts.bootstrap_record.as_ref().and_then(|record| record.recovered.as_ref());
    recorded.is_some_and(|from| from.uuid == position.uuid && !is_past(position.seqno, from.seqno))
}
