//! Servers restart one after the other, the rest in service.

use super::begin::begin;
use super::led::{Led, led};
use super::no_plan::refuse;
use super::rolling::Rolling;
use super::stages::verify;
use super::{Command, NoPlan, Plan};
use crate::kernel::model::NodeName;
use crate::patroni::judge::{Basis, reach, whole};

/// Plans the restart of these nodes; of all, where none is named. The primary comes last, by a switchover.
///
/// Errors: the cluster is not whole, or nobody can take over from the primary.
pub fn restart(basis: &Basis<'_>, nodes: &[NodeName]) -> Result<Plan, NoPlan> {
    refuse(reach::unseen(basis))?;
    let led = led(basis)?;
    let Led { leader, .. } = led;
    refuse(whole::findings(basis, leader))?;
    let wanted = |name: &NodeName| nodes.is_empty() || nodes.contains(name);
    let mut plan = begin(basis, Command::Restart { nodes: nodes.to_vec() });
    let rolling = Rolling {
        basis,
        led: &led,
        nodes: basis.inventory.nodes.iter().map(|node| node.name.clone()).collect(),
        synchronous: whole::wanted_synchronous(basis),
        joined: Vec::new(),
    };
    let standbys = rolling.standbys(wanted);
    rolling.restart_standbys(&mut plan, &standbys, false, "the others go on without it");
    if wanted(leader) {
        rolling.restart_primary(&mut plan, "it is to restart")?;
    }
    verify(basis, &mut plan);
    Ok(plan)
}
