//! Another node becomes the primary, and nothing is lost.

use super::begin::begin;
use super::led::{Led, led};
use super::no_plan::refuse;
use super::rolling::{disconnects, in_service, synchronous_among};
use super::stages::{PATIENCE_SECONDS, verify_among};
use super::{Command, NoPlan, PatroniAction, Plan, Step};
use crate::kernel::judge::{Finding, Remedy};
use crate::kernel::model::NodeName;
use crate::kernel::model::words::bytes;
use crate::kernel::plan::Width;
use crate::patroni::facts::Live;
use crate::patroni::inventory::{Node, SyncMode};
use crate::patroni::judge::{Basis, codes, reach, switchover as judge};

/// Plans a switchover to this node; to the fittest, where none is named.
///
/// Errors: the node cannot take over without a loss, and why; of no node named, what stands against each.
pub fn switchover(basis: &Basis<'_>, to: Option<&NodeName>) -> Result<Plan, NoPlan> {
    let led = led(basis)?;
    let Led { leader, primary } = led;
    let command = |to: &NodeName| Command::Switchover { from: leader.clone(), to: to.clone() };
    if let Some(to) = to.filter(|to| *to == leader) {
        return Ok(begin(basis, command(to)));
    }
    refuse(judge::refusals(basis, leader))?;
    let to = match to.and_then(|to| basis.inventory.node(to)) {
        Some(to) => {
            refuse(judge::unfit(basis, leader, primary, to))?;
            to
        }
        None => fittest(basis, leader, primary)?,
    };
    let mut plan = begin(basis, command(&to.name));
    plan.consequences.push(disconnects(leader));
    if matches!(basis.inventory.synchronous.mode, SyncMode::Off | SyncMode::Quorum) {
        let behind = judge::behind(primary, &to.name).map_or("an unknown number of bytes".into(), bytes);
        plan.consequences.push(format!(
            "{} is {behind} of WAL behind, which {leader} sends before it stops; no commit waits for it in particular",
            to.name
        ));
    }
    plan.warnings.extend(reach::unseen(basis).iter().map(|finding| format!("{finding}: it is left out")));
    if let Some(node) = basis.inventory.node(leader) {
        let action =
            PatroniAction::Switchover { to: vec![to.name.clone()], patience_seconds: PATIENCE_SECONDS };
        plan.stage("Switch over", Width::Serial, vec![Step::new(node, action, why(basis, to))]);
    }
    let among: Vec<_> = in_service(basis, &led).cloned().collect();
    let synchronous = synchronous_among(basis, &among);
    verify_among(basis, &mut plan, among, synchronous);
    Ok(plan)
}

fn why(basis: &Basis<'_>, to: &Node) -> String {
    match basis.inventory.synchronous.mode {
        SyncMode::Off | SyncMode::Quorum => format!("{} streams, and gets all before it leads", to.name),
        _ => format!("{} is synchronous, so it has all that was acknowledged", to.name),
    }
}

fn fittest<'a>(basis: &Basis<'a>, leader: &NodeName, primary: &Live) -> Result<&'a Node, NoPlan> {
    let mut refusals = Vec::new();
    let mut heirs = judge::heirs(basis, leader);
    heirs.sort_by_key(|node| judge::lags(basis, primary, &node.name));
    for node in heirs {
        match judge::unfit(basis, leader, primary, node) {
            unfit if unfit.is_empty() => return Ok(node),
            unfit => refusals.extend(unfit),
        }
    }
    if refusals.is_empty() {
        let next = Remedy::from("let another node lead: `failover: yes` for it in ")
            .and(Remedy::Inventory)
            .and(", then ")
            .and(Remedy::galactl("apply-config", &[]));
        let evidence = "no other node of the inventory may lead";
        refusals.push(Finding::new(codes::MAY_NOT_LEAD, evidence, next));
    }
    Err(NoPlan::Refused(refusals))
}
