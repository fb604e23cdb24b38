//! Joins that overlap, while a cluster is founded.
//!
//! The cluster is not in service yet, so no member need be spared, and how much each joiner gets is known: what the
//! seed holds. So each joiner starts when the one before it is in the view, and waits in Galera's own queue until a donor is free.

use super::{Plan, Step};
use crate::galera::facts::HostFacts;
use crate::galera::inventory::{Inventory, Node};
use crate::galera::judge::Basis;
use crate::galera::plan::{Action, ServerAction};
use crate::kernel::plan::Width;

/// Seconds that a joiner may be expected to wait for a donor: a third of the 300 s after which one with mariabackup
/// gives up (`sst-initial-timeout` in its script), so links may be three times slower than is assumed here.
const LONGEST_WAIT: u64 = 100;
/// Seconds of a state transfer besides its bytes. A mariabackup donor sleeps for 10 s before it sends.
const EACH: u64 = 15;
/// Bytes a second, of a link of 100 Mbit/s.
const RATE: u64 = 10_000_000;
/// Bytes of a new server's data directory.
const NEW: u64 = 150_000_000;
/// Options with which fewer members give, or joiners wait for another time.
const DONOR: &str = "wsrep_sst_donor";
const TIMEOUTS: [&str; 2] = ["sst-initial-timeout", "sst_initial_timeout"];

/// Whether so many joiners of a cluster of the seed alone would wait for a donor no longer than they may. A seed
/// whose data was not measured may hold anything, and sites apart may have slow links.
pub fn waits_shortly(basis: &Basis<'_>, seed: &HostFacts, joiners: usize) -> bool {
    let measured = !seed.datadir.initialised || seed.datadir.bytes > 0;
    let transfer = EACH + seed.datadir.bytes.max(NEW) / RATE;
    measured && any_gives_to_any(basis.inventory) && longest_wait(joiners, transfer) <= LONGEST_WAIT
}

/// Galera gives a joiner a donor of its own segment, if that has a member.
fn any_gives_to_any(inventory: &Inventory) -> bool {
    let is_alike =
        |node: &Node| node.segment() == inventory.nodes[0].segment() && !node.mysqld.contains_key(DONOR);
    let usual = TIMEOUTS.iter().all(|name| !inventory.sst.options.contains_key(*name));
    usual && inventory.nodes.iter().all(is_alike)
}

/// Seconds. Galera lets no donor idle while a joiner waits, and each that has joined is one more: so 1, 2, 4 … join
/// at a time.
fn longest_wait(joiners: usize, transfer: u64) -> u64 {
    let rounds = (joiners + 1).next_power_of_two().ilog2();
    u64::from(rounds.saturating_sub(1)) * transfer
}

/// Adds the stage in which they join, in the order given.
pub fn join(plan: &mut Plan, mut joins: Vec<Step>) {
    let nodes: Vec<_> = joins.iter().map(|step| step.node.clone()).collect();
    for (step, before) in joins.iter_mut().skip(1).zip(nodes) {
        if let Action::Server(ServerAction::Join { behind, .. }) = &mut step.action {
            *behind = Some(before);
        }
        step.why.push_str(" when a donor is free: the cluster is new, and its data is small");
    }
    plan.stage("Join, each when the one before is in the view", Width::Overlapping, joins);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_last_joiner_waits_for_the_rounds_before_it() {
        assert_eq!(
            [0, 1, 2, 3, 4, 7, 8].map(|joiners| longest_wait(joiners, 30)),
            [0, 0, 30, 30, 60, 60, 90]
        );
    }
}
