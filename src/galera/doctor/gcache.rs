//! How long a node may be away, at the present rate of writes, before it needs the whole data.

use super::Case;
use crate::galera::facts::Rates;
use crate::galera::inventory::Node;
use crate::galera::judge::codes;
use crate::kernel::judge::{Finding, Remedy};
use crate::kernel::model::words::{bytes, span};

const MIB: u64 = 1 << 20;

pub fn findings(case: &Case<'_>) -> Vec<Finding> {
    let members = case.status.nodes.iter().filter(|node| node.primary);
    let small = members.filter_map(|status| {
        let node = case.basis.inventory.node(&status.node)?;
        small(node, status.rates.as_ref()?, case.basis.inventory.thresholds.ist_window)
    });
    small.collect()
}

/// Judged by the size that the inventory gives the cache. A cache that has not been filled yet reaches back less far.
fn small(node: &Node, rates: &Rates, wanted: u64) -> Option<Finding> {
    let size = node.gcache_bytes();
    #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "bytes a second")]
    let rate = rates.bytes as u64;
    let holds = size.checked_div(rate).filter(|holds| size > 0 && *holds < wanted)?;
    let evidence = format!(
        "its gcache of {} holds {} of writes, at {} a second now; a node may be away for {} (`thresholds.ist_window`)",
        bytes(size),
        span(holds),
        bytes(rate),
        span(wanted)
    );
    let larger = format!("`provider_options: gcache.size: {}` in ", enough(rate.saturating_mul(wanted)));
    let next =
        Remedy::from(larger).and(Remedy::Inventory).and(", then ").and(Remedy::galactl("apply-config", &[]));
    Some(Finding::new(codes::GCACHE, evidence, next).on(&node.name))
}

/// The next power of two with a quarter to spare, as option files spell it.
pub fn enough(needed: u64) -> String {
    let mib = needed.saturating_add(needed / 4).div_ceil(MIB).next_power_of_two();
    if mib < 1024 { format!("{mib}M") } else { format!("{}G", mib / 1024) }
}

#[cfg(test)]
mod tests {
    use super::enough;

    #[test]
    fn a_size_that_would_do() {
        assert_eq!(enough(1), "1M");
        assert_eq!(enough(100 << 20), "128M");
        assert_eq!(enough(110 << 20), "256M");
        assert_eq!(enough(1700 << 20), "4G");
    }
}
