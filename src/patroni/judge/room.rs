//! Whether the data fits that a node is to receive.

use super::{Basis, codes};
use crate::kernel::judge::{Finding, Remedy};
use crate::kernel::model::words::bytes;
use crate::patroni::facts::HostFacts;

/// A new cluster has 40 MB, and the WAL grows up to `max_wal_size`, 1 GB by default.
const LEAST: u64 = 1 << 30;

/// Nodes without data whose disk has less room than the primary's data takes.
pub fn refusals(basis: &Basis<'_>) -> Vec<Finding> {
    let seed = basis.inventory.seed.as_ref().and_then(|seed| basis.observation.facts(seed));
    let source = basis.observation.primaries().next().map(|(_, facts)| facts).or(seed);
    let primary = source.and_then(size);
    let needed = LEAST.saturating_add(primary.unwrap_or(0));
    let small = |facts: &HostFacts| facts.datadir.is_blank() && facts.datadir.free < needed;
    let found = basis.nodes().filter(|(_, facts)| small(facts)).map(|(node, facts)| {
        let (path, free) = (&facts.datadir.path, bytes(facts.datadir.free));
        let evidence = format!("{path} is to get {}, and its disk has {free} left", bytes(needed));
        let next =
            Remedy::on_host(format!("make the disk of {path} larger, or give the data a disk of its own"));
        Finding::new(codes::DISK, evidence, next).on(&node.name)
    });
    found.collect()
}

/// Bytes of a node's data: of its data directory or of its databases, whichever is more, since tablespaces lie elsewhere.
/// `None`: neither was counted in time.
pub fn size(facts: &HostFacts) -> Option<u64> {
    let databases = facts.live().and_then(|live| live.databases.as_ref());
    let databases = databases.map(|all| all.iter().map(|it| it.bytes).fold(0, u64::saturating_add));
    facts.datadir.bytes.max(databases)
}
