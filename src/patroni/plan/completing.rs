//! A cluster that is led, and not whole: nodes and members of etcd come to it.

use super::begin::begin;
use super::etcd_members::Membership;
use super::no_plan::refuse;
use super::stages::{endpoint, join, prepare, start_etcd, verify};
use super::{Command, NoPlan, Plan, etcd_members, node_lists, seed};
use crate::kernel::judge::Finding;
use crate::kernel::model::NodeName;
use crate::kernel::plan::Width;
use crate::patroni::facts::{HostFacts, Live};
use crate::patroni::inventory::Node;
use crate::patroni::judge::{Basis, drift, nodes, whole};
use crate::patroni::model::Software;
use crate::patroni::proxy;
use crate::patroni::recovery::{Decision, decide, gather};

/// Plans that everything of the inventory that is missing comes to the cluster that `leader` leads.
///
/// Errors: every reason not to go on.
pub fn completing(
    basis: &Basis<'_>,
    software: Software,
    leader: &NodeName,
    command: Command,
) -> Result<Plan, NoPlan> {
    let facts = basis.observation.facts(leader);
    let Some(primary) = facts.and_then(HostFacts::live) else {
        return Err(NoPlan::Refused(Vec::new()));
    };
    let (joiners, mut refusals) = apart(basis, leader, primary, &command)?;
    // Nobody would renew its key: it may be a standalone server that Patroni has not taken up.
    if !facts.is_some_and(HostFacts::patroni_runs) {
        refusals.push(nodes::primary_without_patroni(basis, leader));
    }
    let lists = node_lists::change(basis, basis.inventory, software);
    refusals.extend(lists.refusals);
    refusals.extend(drift::dynamic(basis));
    let mut plan = begin(basis, command);
    let stopped = etcd_members::stopped(basis);
    prepare(basis, &mut plan, software, &joiners, &stopped);
    plan.stage("Let the newcomers in", Width::NodesInParallel, lists.steps);
    start_etcd(&mut plan, &stopped);
    let before = plan.steps().count();
    if let Some(mut membership) = Membership::of(basis, |_| true) {
        refusals.extend(membership.grow(basis, &mut plan, software));
    }
    refuse(refusals)?;
    if !stopped.is_empty() || plan.steps().count() > before {
        etcd_members::verify(&mut plan, basis.inventory.etcd.members());
    }
    seed::accounts(basis, &mut plan, leader);
    join(&mut plan, leader, &joiners);
    // A run that was cut off has proved nothing, and Patroni may not have chosen its synchronous standbys yet.
    let comes = plan.steps().any(|step| step.role() != proxy::ROLE);
    if comes || !whole::findings(basis, leader).is_empty() {
        verify(basis, &mut plan);
    }
    endpoint(basis, &mut plan, Some(leader), primary.endpoint_proofs > 0);
    Ok(plan)
}

type Joiner<'a> = (&'a Node, &'a HostFacts);

/// Nodes that do not follow: those that may come to the primary, and why the others may not.
///
/// Errors: what a stopped node holds was not asked yet.
fn apart<'a>(
    basis: &Basis<'a>,
    leader: &NodeName,
    primary: &Live,
    command: &Command,
) -> Result<(Vec<Joiner<'a>>, Vec<Finding>), NoPlan> {
    let (mut joiners, mut refusals) = (Vec::new(), Vec::new());
    for (node, facts) in basis.nodes().filter(|(node, _)| &node.name != leader) {
        let Some(why) = whole::not_following(basis, leader, primary, node, facts) else { continue };
        let may_come = match command {
            Command::AddNode { nodes } => nodes.contains(&node.name) && may_come(basis, node, facts)?,
            // Whoever has data and does not run may have commits that the leader has not.
            _ => facts.datadir.is_blank() || facts.patroni_runs(),
        };
        match may_come {
            true => joiners.push((node, facts)),
            false => refusals.push(why.on(&node.name)),
        }
    }
    Ok((joiners, refusals))
}

/// A node that was removed comes back where the primary holds all that it has. What a server has that runs without Patroni
/// cannot be compared, and Patroni would rewind it without that.
fn may_come(basis: &Basis<'_>, node: &Node, facts: &HostFacts) -> Result<bool, NoPlan> {
    if facts.datadir.is_blank() || facts.patroni_runs() {
        return Ok(true);
    }
    if facts.server_runs() {
        return Ok(false);
    }
    if basis.observation.recovered.is_none() {
        return Err(NoPlan::PositionsWanted);
    }
    let verdict = decide(&gather(basis));
    let is_led = matches!(verdict.outcome, Decision::Led { .. });
    let mut standings = verdict.standings.iter();
    Ok(is_led && standings.any(|standing| standing.node == node.name && !standing.fate.may_lose()))
}
