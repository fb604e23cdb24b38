//! Whether the hosts' clocks agree. The last update wins by them.

use super::{Basis, codes};
use crate::kernel::judge::Finding;
use crate::postgresql::hosts;

/// Seconds. Hosts are asked within a second or two of each other.
const WORST_SKEW: f64 = 5.0;

/// The finding of two clocks that differ.
pub fn skew(basis: &Basis<'_>) -> Option<Finding> {
    let machines = basis.nodes().map(|(node, facts)| (&node.name, &facts.machine));
    let (skew, [first, last]) = hosts::skew(machines)?;
    (skew > WORST_SKEW).then(|| {
        let said = format!("the clock of {last} is about {skew:.0} s ahead of that of {first}");
        Finding::new(codes::CLOCK, said, "let all hosts take their time from one source")
    })
}
