//! Patroni and its servers stop in an order in which nobody is promoted who lacks anything.

use super::begin::begin;
use super::led::{Led, led};
use super::no_plan::refuse;
use super::rolling::{Rolling, in_service, synchronous_among};
use super::stages::verify_among;
use super::{Command, NoPlan, PatroniAction, Plan, Step, StopAs};
use crate::kernel::facts::UnitFacts;
use crate::kernel::judge::PLACE;
use crate::kernel::model::NodeName;
use crate::kernel::model::words::names;
use crate::kernel::plan::Width;
use crate::patroni::facts::HostFacts;
use crate::patroni::inventory::SyncMode;
use crate::patroni::judge::{Basis, reach, whole};

/// Plans the stop of these nodes; of all, where none is named. etcd goes on.
///
/// Errors: nobody leads although something runs; a node is not seen; nobody can take over from a primary that is to
/// stop.
pub fn stop(basis: &Basis<'_>, nodes: &[NodeName]) -> Result<Plan, NoPlan> {
    let all = nodes.is_empty() || basis.inventory.nodes.iter().all(|node| nodes.contains(&node.name));
    let named = |name: &NodeName| all || nodes.contains(name);
    // A Patroni that was not seen would take over from the last primary.
    let mut unseen = reach::unseen(basis);
    unseen.retain(|finding| finding.node.as_ref().is_none_or(named));
    refuse(unseen)?;
    // One that is down and starts at boot would be promoted by the next boot of its host.
    let starts = |facts: &HostFacts| {
        facts.datadir.holds_cluster() && facts.unit("patroni").is_some_and(UnitFacts::is_enabled)
    };
    let runs = |facts: &HostFacts| facts.patroni_runs() || facts.server_runs() || starts(facts);
    let leaving: Vec<_> = basis
        .nodes()
        .filter(|(node, facts)| named(&node.name) && runs(facts))
        .map(|(node, _)| node)
        .collect();
    let mut plan = begin(basis, Command::Stop { nodes: nodes.to_vec() });
    if leaving.is_empty() {
        return Ok(plan);
    }
    let led = led(basis)?;
    refuse(whole::paused(basis).into_iter().collect())?;
    let Led { leader, .. } = led;
    let staying: Vec<_> = in_service(basis, &led).filter(|name| !named(name)).cloned().collect();
    let rolling = Rolling { basis, led: &led, nodes: staying.clone(), synchronous: 0, joined: Vec::new() };
    let standbys = rolling.standbys(|name| leaving.iter().any(|node| node.name == *name));
    let why =
        if all { "the primary stops last, so nobody takes over" } else { "the others go on without it" };
    let steps = standbys.iter().filter_map(|node| stop_step(basis, &node.name, StopAs::Standby, why));
    plan.stage("Stop the standbys", Width::Serial, steps.collect());
    if all {
        let last = stop_step(basis, leader, StopAs::LastPrimary, "it has all that was acknowledged");
        plan.stage("Stop the primary", Width::Serial, last.into_iter().collect());
        plan.consequences.push(format!(
            "the whole cluster stops, {leader} last; etcd goes on. galactl start {PLACE} begins with the node that has all"
        ));
        return Ok(plan);
    }
    if named(leader) {
        rolling.hand_over(
            &mut plan,
            |name| staying.contains(name),
            "it is to stop, and another node has to lead first",
        )?;
        let step = stop_step(basis, leader, StopAs::Standby, "it is a standby then");
        plan.stage("Stop what was the primary", Width::Serial, step.into_iter().collect());
    }
    let synchronous = synchronous_among(basis, &staying);
    plan.consequences.push(stopped(&leaving.iter().map(|node| &node.name).collect::<Vec<_>>(), &staying));
    let mode = basis.inventory.synchronous.mode;
    plan.consequences.extend(what_commits_wait_for(mode, synchronous, staying.len()));
    // With nobody to wait for, the row that proves it would never be written.
    if mode != SyncMode::Strict || synchronous > 0 {
        verify_among(basis, &mut plan, staying, synchronous);
    }
    Ok(plan)
}

fn stop_step(basis: &Basis<'_>, name: &NodeName, only_as: StopAs, why: &str) -> Option<Step> {
    let (node, facts) = (basis.inventory.node(name)?, basis.observation.facts(name)?);
    let action = PatroniAction::Stop { datadir: facts.datadir.path.clone(), only_as: Some(only_as) };
    Some(Step::new(node, action, why))
}

fn stopped(leaving: &[&NodeName], staying: &[NodeName]) -> String {
    let verb = if leaving.len() == 1 { "stops" } else { "stop" };
    let staying = names(staying, "and");
    format!(
        "{} {verb}, also over a boot, until galactl start {PLACE}; in service stays {staying}",
        names(leaving, "and")
    )
}

/// What becomes of commits where too few standbys are left.
fn what_commits_wait_for(mode: SyncMode, synchronous: usize, staying: usize) -> Option<String> {
    match mode {
        SyncMode::Strict if synchronous == 0 => Some(
            "NO COMMIT IS ACKNOWLEDGED from then on, until a standby runs again: `synchronous.mode` is strict, and none is left to wait for"
                .into(),
        ),
        SyncMode::On | SyncMode::Quorum if synchronous == 0 => Some(
            "commits wait for no standby from then on, and nobody takes over when the primary fails".into(),
        ),
        SyncMode::Off if staying == 1 => Some("nobody takes over when the primary fails".into()),
        _ => None,
    }
}
