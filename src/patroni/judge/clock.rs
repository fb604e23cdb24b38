//! Whether the hosts' clocks agree.

use super::{Basis, codes};
use crate::kernel::facts::Machine;
use crate::kernel::judge::Finding;
use crate::kernel::model::NodeName;

/// Hosts are asked within a second or two of each other; more is their clocks' difference.
const WORST_SKEW: f64 = 10.0;

/// The finding of two clocks that differ; a host that does not tell its time is left out.
pub fn skew(basis: &Basis<'_>) -> Option<Finding> {
    let nodes = basis.observation.seen().map(|(name, facts)| (name, &facts.machine));
    let stores = basis.observation.etcd_hosts.keys();
    let stores = stores.filter_map(|name| Some((name, &basis.observation.etcd_host(name)?.machine)));
    let clocks: Vec<(&NodeName, &Machine)> =
        nodes.chain(stores).filter(|(_, machine)| machine.clock > 0.0).collect();
    let (first, from) = clocks.iter().min_by(|a, b| a.1.clock.total_cmp(&b.1.clock))?;
    let (last, to) = clocks.iter().max_by(|a, b| a.1.clock.total_cmp(&b.1.clock))?;
    let skew = to.clock - from.clock;
    (skew > WORST_SKEW).then(|| {
        let said = format!("the clock of {last} is about {skew:.0} s ahead of that of {first}");
        Finding::new(codes::CLOCK, said, "let all hosts take their time from one source")
    })
}
