//! The known restarts of a history, and who is past which position.

use crate::galera::facts::HostFacts;
use crate::galera::model::{Gtid, Seqno};
use crate::kernel::model::NodeName;

/// Another node, and how far it is known to have got.
pub struct Peer<'a> {
    pub name: &'a NodeName,
    pub facts: &'a HostFacts,
    pub position: Option<Gtid>,
}

/// A restart of the history: from this position, so many seconds ago, where that is known.
#[derive(Clone, Copy)]
pub(super) struct Restart<'a> {
    pub position: &'a Gtid,
    pub age: Option<u64>,
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
pub(super) fn restarts(facts: &HostFacts) -> impl Iterator<Item = Restart<'_>> {
    let by_hand = facts.start.as_ref().filter(|start| start.new_cluster);
    let by_hand = by_hand.and_then(|start| Some((start.position.as_ref()?, Some(start.age))));
    let record = facts.bootstrap_record.as_ref();
    let begun = record.and_then(|record| Some((record.recovered.as_ref()?, Some(record.age))));
    let passed = facts.passed.iter().map(|passed| (&passed.position, passed.age));
    let known = by_hand.into_iter().chain(begun).chain(passed);
    known.map(|(position, age)| Restart { position, age }).filter(|restart| !restart.position.uuid.is_zero())
}

pub(super) fn is_past(node: Seqno, restart: Seqno) -> bool {
    matches!((node, restart), (Seqno::At(node), Seqno::At(restart)) if node > restart)
}
