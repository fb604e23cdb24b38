//! Standbys that stream, and are far behind.

use crate::kernel::judge::{Finding, Remedy};
use crate::kernel::model::words::bytes;
use crate::patroni::facts::Live;
use crate::patroni::judge::{Basis, codes};

/// Bytes of WAL. A standby that is healthy is some kilobytes behind; a moment's burst of writes makes some megabytes.
const MUCH: u64 = 64 << 20;

/// By the primary's own word, which tells its end and theirs in one moment.
pub fn findings(basis: &Basis<'_>, primary: &Live) -> Vec<Finding> {
    let Some(end) = primary.current else { return Vec::new() };
    let node = |name: &str| basis.inventory.nodes.iter().find(|node| node.name.as_str() == name);
    let found = primary.standbys.iter().filter_map(|row| {
        let node = node(&row.application_name)?;
        let flushed = row.flushed.map(|at| end.since(at)).filter(|behind| *behind > MUCH);
        let replayed = row.replayed.map(|at| end.since(at)).filter(|behind| *behind > MUCH);
        let (evidence, next) = match (flushed, replayed) {
            (Some(behind), _) => (
                format!("it has received {} of WAL less than the primary has written", bytes(behind)),
                "see whether its disk or its network is slow: vmstat 1 5; ip -s link".to_owned(),
            ),
            (None, Some(behind)) => (
                format!("it has all WAL, and has yet to replay {}", bytes(behind)),
                format!(
                    "see what holds the replay up, such as a long query: {} -c \"SELECT pid, xact_start, query FROM pg_stat_activity WHERE state <> 'idle' ORDER BY xact_start\"",
                    basis.psql()
                ),
            ),
            (None, None) => return None,
        };
        Some(Finding::new(codes::LAG, evidence, Remedy::on_host(next)).on(&node.name))
    });
    found.collect()
}
