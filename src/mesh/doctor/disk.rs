//! Room on the disks, and how fast it goes.

use crate::kernel::judge::{Finding, Remedy, Severity};
use crate::kernel::model::words::bytes;
use crate::mesh::facts::Datadir;
use crate::mesh::judge::slots::Growth;
use crate::mesh::judge::{Basis, codes};
use crate::mesh::observation::Observation;

/// With less than a tenth, it is time to look. On a large disk, a tenth is a lot of room.
const PART: u64 = 10;
const ENOUGH: u64 = 50 << 30;
/// Percent.
const NEARLY_NONE: u64 = 3;
/// Seconds between two looks, below which their difference tells nothing.
const SHORTEST: f64 = 0.5;

pub fn findings(basis: &Basis<'_>) -> Vec<Finding> {
    let found = |datadir: &Datadir| {
        let (size, free) = (datadir.size.filter(|size| *size > 0)?, datadir.free);
        let percent = free.saturating_mul(100) / size;
        let little = free < size / PART && free < ENOUGH;
        let evidence = format!("the disk of /var/lib/postgresql has {} left, {percent} % of it", bytes(free));
        let next = "sudo du -xh -d 3 /var/lib/postgresql | sort -h | tail; then make it larger, or remove what nobody needs";
        let severity = if percent < NEARLY_NONE { Severity::Critical } else { Severity::Degraded };
        little.then(|| Finding::new(codes::DISK, evidence, Remedy::on_host(next)).severity(severity))
    };
    basis.nodes().filter_map(|(node, facts)| Some(found(&facts.datadir)?.on(&node.name))).collect()
}

/// Bytes of WAL that each node has written in a second, between two looks.
pub fn growth(basis: &Basis<'_>, before: Option<&Observation>) -> Growth {
    let of = |(node, facts): (&crate::mesh::inventory::Node, &crate::mesh::facts::HostFacts)| {
        let earlier = before?.facts(&node.name)?;
        let seconds = facts.machine.clock - earlier.machine.clock;
        let written = facts.live()?.current?.since(earlier.live()?.current?);
        #[allow(clippy::cast_precision_loss, reason = "shown roughly")]
        (seconds > SHORTEST).then(|| (node.name.clone(), written as f64 / seconds))
    };
    basis.nodes().filter_map(of).collect()
}
