//! Whether the hosts' clocks agree. The last update wins by them.

use super::{Basis, codes};
use crate::kernel::judge::Finding;

/// Hosts are asked within a second or two of each other; more is their clocks' difference.
const WORST_SKEW: f64 = 5.0;

/// The finding of two clocks that differ; a host that does not tell its time is left out.
pub fn skew(basis: &Basis<'_>) -> Option<Finding> {
    let clocks: Vec<_> = basis.nodes().filter(|(_, facts)| facts.machine.clock > 0.0).collect();
    let (first, from) = clocks.iter().min_by(|a, b| a.1.machine.clock.total_cmp(&b.1.machine.clock))?;
    let (last, to) = clocks.iter().max_by(|a, b| a.1.machine.clock.total_cmp(&b.1.machine.clock))?;
    let skew = to.machine.clock - from.machine.clock;
    (skew > WORST_SKEW).then(|| {
        let said = format!("the clock of {} is about {skew:.0} s ahead of that of {}", last.name, first.name);
        Finding::new(codes::CLOCK, said, "let all hosts take their time from one source")
    })
}
