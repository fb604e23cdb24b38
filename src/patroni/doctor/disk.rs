//! Room on the disks.

use crate::kernel::judge::{Finding, Remedy, Severity};
use crate::kernel::model::words::bytes;
use crate::patroni::facts::Datadir;
use crate::patroni::judge::{Basis, codes};

/// With less than a tenth, it is time to look. On a large disk, a tenth is a lot of room.
const PART: u64 = 10;
const ENOUGH: u64 = 50 << 30;
/// Percent.
const NEARLY_NONE: u64 = 3;

pub fn findings(basis: &Basis<'_>) -> Vec<Finding> {
    let found = |datadir: &Datadir| {
        let (size, free, path) = (datadir.size.filter(|size| *size > 0)?, datadir.free, &datadir.path);
        let percent = free.saturating_mul(100) / size;
        let little = free < size / PART && free < ENOUGH;
        let evidence = format!("the disk of {path} has {} left, {percent} % of it", bytes(free));
        let next = format!(
            "sudo du -xh -d 2 {path} | sort -h | tail; then make it larger, or remove what nobody needs"
        );
        let severity = if percent < NEARLY_NONE { Severity::Critical } else { Severity::Degraded };
        little.then(|| Finding::new(codes::DISK, evidence, Remedy::on_host(next)).severity(severity))
    };
    basis.nodes().filter_map(|(node, facts)| Some(found(&facts.datadir)?.on(&node.name))).collect()
}
