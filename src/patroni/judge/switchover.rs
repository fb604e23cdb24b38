//! Who may take over from the primary without a loss.

use super::{Basis, codes, leader, nodes, store, whole};
use crate::kernel::facts::Seen;
use crate::kernel::judge::{Finding, Remedy};
use crate::kernel::model::NodeName;
use crate::kernel::model::words::bytes;
use crate::patroni::facts::Live;
use crate::patroni::inventory::{Node, SyncMode};

/// What Patroni takes for a node that has no priority of its own.
const USUAL_PRIORITY: u16 = 1;
/// Bytes of WAL that a standby of a busy primary lacks at any moment.
const ON_ITS_WAY: u64 = 1 << 20;

/// Why nobody can take over from this primary.
pub fn refusals(basis: &Basis<'_>, from: &NodeName) -> Vec<Finding> {
    let mut refusals = store::findings(basis);
    refusals.retain(|finding| finding.code == codes::ETCD_QUORUM);
    refusals.extend(whole::paused(basis));
    refusals.extend(leader::not_named(basis, from));
    let mut nodes = basis.nodes().filter(|(node, _)| node.name == *from);
    let silent = nodes.find_map(|(node, facts)| nodes::patroni_down(basis, node, facts));
    refusals.extend(silent.map(|finding| finding.on(from)));
    refusals
}

/// Why this node cannot take over from the primary `from`.
pub fn unfit(basis: &Basis<'_>, from: &NodeName, primary: &Live, to: &Node) -> Vec<Finding> {
    let facts = match basis.observation.nodes.get(&to.name) {
        Some(Seen::Facts(facts)) => facts,
        Some(Seen::Unreachable(why)) => {
            let next = Remedy::from("make it reachable, or name another node: ")
                .and(Remedy::galactl("switchover", &["--to", "NODE"]));
            return vec![Finding::new(codes::UNREACHABLE, why.to_string(), next).on(&to.name)];
        }
        None => return Vec::new(),
    };
    let replay = || facts.live().and_then(|live| nodes::replay_paused(basis, live));
    let found = may_not_lead(to)
        .or_else(|| whole::not_following(basis, from, primary, to, facts))
        .or_else(|| nodes::patroni_down(basis, to, facts))
        .or_else(replay)
        .or_else(|| not_synchronous(basis, primary, to))
        .or_else(|| far_behind(basis, primary, to));
    found.into_iter().map(|finding| finding.on(&to.name)).collect()
}

fn may_not_lead(to: &Node) -> Option<Finding> {
    let next = Remedy::from("let it lead: `failover: yes` for it in ")
        .and(Remedy::Inventory)
        .and(", then ")
        .and(Remedy::galactl("apply-config", &[]));
    let evidence = "the inventory says `failover: no` for it";
    (!to.tags.failover).then(|| Finding::new(codes::MAY_NOT_LEAD, evidence, next))
}

/// What was acknowledged is on a synchronous standby for certain; with quorum commit, on some of them.
fn not_synchronous(basis: &Basis<'_>, primary: &Live, to: &Node) -> Option<Finding> {
    let row = primary.standbys.iter().find(|row| row.application_name == to.name.as_str());
    if basis.inventory.synchronous.mode == SyncMode::Off || row.is_some_and(whole::is_synchronous) {
        return None;
    }
    let state = row.and_then(|row| row.sync_state.as_deref()).unwrap_or("unknown");
    let evidence = format!("it is not synchronous (sync_state is {state}): no commit waits for it");
    let synchronous = primary.standbys.iter().find(|row| whole::is_synchronous(row));
    let change = match to.tags.synchronous {
        true => "write a higher `synchronous: {nodes: …}` in ",
        false => "take `synchronous: no` out of its entry, and write a higher `synchronous: {nodes: …}`, in ",
    };
    let next = match synchronous {
        Some(row) => Remedy::from("take the synchronous one: ")
            .and(Remedy::galactl("switchover", &["--to", &row.application_name]))
            .and(format!("; to have {}, {change}", to.name))
            .and(Remedy::Inventory)
            .and(", then ")
            .and(Remedy::galactl("apply-config", &[])),
        None => Remedy::from("wait until Patroni has chosen a synchronous standby, within its loop_wait: ")
            .and(Remedy::galactl("status", &[])),
    };
    Some(Finding::new(codes::NOT_SYNCHRONOUS, evidence, next))
}

/// Where no commit waits for it in particular, it may lack what was acknowledged. The primary sends that before it stops, as
/// long as the connection lasts; what has to be sent is to be little.
fn far_behind(basis: &Basis<'_>, primary: &Live, to: &Node) -> Option<Finding> {
    let lacks = lags(basis, primary, &to.name);
    let told = behind(primary, &to.name).map_or("an unknown number of bytes".to_owned(), bytes);
    let evidence = format!("it is {told} of WAL behind, and what it lacks may be acknowledged");
    let next = Remedy::from("wait until it has caught up: ")
        .and(Remedy::galactl("status", &[]))
        .and("; or take the one that has most: ")
        .and(Remedy::galactl("switchover", &[]));
    (lacks > 0).then(|| Finding::new(codes::LAG, evidence, next))
}

/// The nodes that may come to lead in place of `from`, as far as the inventory says: by priority, and then in its order.
pub fn heirs<'a>(basis: &Basis<'a>, from: &NodeName) -> Vec<&'a Node> {
    let synchronous = basis.inventory.synchronous.mode != SyncMode::Off;
    let able =
        |node: &&Node| node.name != *from && node.tags.failover && (node.tags.synchronous || !synchronous);
    let mut heirs: Vec<_> = basis.inventory.nodes.iter().filter(able).collect();
    heirs.sort_by_key(|node| std::cmp::Reverse(node.tags.priority.unwrap_or(USUAL_PRIORITY)));
    heirs
}

/// How far a standby is behind, where a commit does not wait for it in particular: with quorum commit, and in mode `off`.
/// 0 below 1 MiB, which is on its way; and 0 in the other modes: who is synchronous has all that was acknowledged.
pub fn lags(basis: &Basis<'_>, primary: &Live, to: &NodeName) -> u64 {
    match basis.inventory.synchronous.mode {
        SyncMode::On | SyncMode::Strict => 0,
        SyncMode::Quorum | SyncMode::Off => match behind(primary, to) {
            Some(lacks) if lacks < ON_ITS_WAY => 0,
            lacks => lacks.unwrap_or(u64::MAX),
        },
    }
}

/// Bytes of WAL that a standby has not on its disk yet.
pub fn behind(primary: &Live, to: &NodeName) -> Option<u64> {
    let row = primary.standbys.iter().find(|row| row.application_name == to.as_str())?;
    primary.current.zip(row.flushed).map(|(end, flushed)| end.since(flushed))
}
