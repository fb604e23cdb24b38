//! Whether the hosts' clocks agree.

use super::{Basis, codes};
use crate::kernel::judge::Finding;
use crate::postgresql::hosts;

const WORST_SKEW: f64 = 10.0;

/// The finding of two clocks that differ.
pub fn skew(basis: &Basis<'_>) -> Option<Finding> {
    let nodes = basis.observation.seen().map(|(name, facts)| (name, &facts.machine));
    let stores = basis.observation.etcd_hosts.keys();
    let stores = stores.filter_map(|name| Some((name, &basis.observation.etcd_host(name)?.machine)));
    let (skew, [first, last]) = hosts::skew(nodes.chain(stores))?;
    (skew > WORST_SKEW).then(|| {
        let said = format!("the clock of {last} is about {skew:.0} s ahead of that of {first}");
        Finding::new(codes::CLOCK, said, "let all hosts take their time from one source")
    })
}
