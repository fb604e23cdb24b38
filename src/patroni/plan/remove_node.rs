//! Nodes leave the cluster for good, while the inventory still lists them, because they must be reached.

use super::begin::begin;
use super::etcd_members::Membership;
use super::led::Led;
use super::no_plan::refuse;
use super::patroni_action::list;
use super::rolling::Rolling;
use super::stages::{endpoint, software, verify};
use super::{
    Action, Command, EtcdAction, NoPlan, PatroniAction, Plan, Step, StopAs, etcd_members, node_lists,
};
use crate::kernel::facts::UnitFacts;
use crate::kernel::judge::{Finding, Remedy};
use crate::kernel::model::NodeName;
use crate::kernel::model::words::names;
use crate::kernel::plan::Width;
use crate::patroni::facts::HostFacts;
use crate::patroni::inventory::{Etcd, EtcdMember, Inventory, SyncMode};
use crate::patroni::judge::birth::{Standing, standing};
use crate::patroni::judge::{Basis, codes, hosts, reach, whole};
use crate::patroni::proxy;

/// What the user decides of a removal.
#[derive(Debug, Clone, Copy)]
pub struct Removing<'a> {
    pub nodes: &'a [NodeName],
    /// Those of them that may be out of reach.
    pub unseen: &'a [NodeName],
}

/// Plans the removal of nodes. Their data stays in place.
///
/// Errors: every reason not to go on.
pub fn remove_node(basis: &Basis<'_>, removing: &Removing<'_>) -> Result<Plan, NoPlan> {
    let rest = basis.inventory.without(removing.nodes);
    if rest.nodes.is_empty() {
        let evidence = "these are all data nodes of the inventory, and none would remain";
        let next = Remedy::from("name fewer of them");
        return Err(NoPlan::Refused(vec![Finding::new(codes::NOT_FOLLOWING, evidence, next)]));
    }
    let rest = Basis { inventory: &rest, ..*basis };
    refuse(reachable(basis, removing))?;
    refuse(of_hosts(&rest))?;
    let Standing::Led { leader, .. } = standing(basis)? else {
        let next = Remedy::galactl("status", &[]);
        return Err(NoPlan::Refused(vec![Finding::new(codes::NO_PRIMARY, "no primary leads", next)]));
    };
    let leader_leaves = removing.nodes.contains(&leader);
    refuse(proxy::judge::obstacles(&rest))?;
    let present = staying(basis.inventory, rest.inventory);
    // Patroni chooses another standby once it has noticed that the one that is gone does not answer.
    let synchronous = if removing.unseen.is_empty() { whole::wanted_synchronous(&rest) } else { 0 };
    refuse(whole::among(&Basis { inventory: &present, ..*basis }, &leader, |_| true, synchronous))?;
    refuse(nobody_to_wait_for(&rest))?;
    let command = Command::RemoveNode { nodes: removing.nodes.to_vec(), unseen: removing.unseen.to_vec() };
    let mut plan = begin(basis, command);
    plan.consequences = consequences(basis, removing);
    steps(basis, &rest, removing, &leader, &mut plan)?;
    if plan.is_empty() {
        plan.consequences.clear();
        return Ok(plan);
    }
    verify(&rest, &mut plan);
    // Before a switchover nobody knows to whom proxies will lead.
    endpoint(&rest, &mut plan, Some(&leader).filter(|_| !leader_leaves), false);
    Ok(plan)
}

fn steps(
    basis: &Basis<'_>,
    rest: &Basis<'_>,
    removing: &Removing<'_>,
    leader: &NodeName,
    plan: &mut Plan,
) -> Result<(), NoPlan> {
    let software = software(basis)?;
    let members = rest.inventory.etcd.members();
    let stays = |it: &EtcdMember| members.iter().any(|member| member.name == it.name);
    let mut membership = Membership::of(basis, stays);
    if let Some(membership) = &mut membership {
        membership.drop_lost(basis, plan, members);
        refuse(membership.grow(rest, plan, software))?;
    }
    // Patroni chooses a synchronous standby of those that stay once the others are gone.
    let standbys = removing.nodes.iter().filter(|name| *name != leader);
    plan.stage("Take out", Width::Serial, standbys.filter_map(|name| take_out(basis, name)).collect());
    if removing.nodes.contains(leader) {
        hand_over(basis, removing, leader, plan)?;
        let step = take_out(basis, leader);
        plan.stage("Take out what was the primary", Width::Serial, step.into_iter().collect());
    }
    // The others know where etcd will be before it leaves where it was.
    let lists = node_lists::change(basis, rest.inventory, software);
    refuse(lists.refusals)?;
    let mut steps = lists.steps;
    steps.extend(proxy::steps::prepare(rest));
    plan.stage("Shorten the others' lists of nodes", Width::NodesInParallel, steps);
    if let Some(membership) = &mut membership {
        membership.shrink(basis, plan, members);
    }
    leave_etcd(basis, removing, members, plan);
    if plan.steps().any(|step| matches!(&step.action, Action::Etcd(EtcdAction::Remove { .. }))) {
        etcd_members::verify(plan, members);
    }
    Ok(())
}

fn take_out(basis: &Basis<'_>, name: &NodeName) -> Option<Step> {
    let (node, facts) = (basis.inventory.node(name)?, basis.observation.facts(name)?);
    let enabled = facts.unit("patroni").is_some_and(UnitFacts::is_enabled);
    let there = facts.patroni_runs() || facts.server_runs() || enabled && !facts.is_blank();
    let action = PatroniAction::Stop { datadir: facts.datadir.path.clone(), only_as: Some(StopAs::Standby) };
    there.then(|| Step::new(node, action, "its data stays in place, and no reboot brings it back"))
}

/// Members that etcd does not count on any more, and that would start at boot: of a removal that was cut off.
fn leave_etcd(basis: &Basis<'_>, removing: &Removing<'_>, wanted: &[EtcdMember], plan: &mut Plan) {
    let left = removing.nodes.iter().filter_map(|name| {
        let (member, facts) = (basis.inventory.etcd_member(name)?, basis.observation.facts(name)?);
        let is_wanted = wanted.iter().any(|member| member.name == *name);
        let is_there = facts.etcd.runs() || facts.unit("etcd").is_some_and(UnitFacts::is_enabled);
        let is_leave = |step: &Step| matches!(step.action, Action::Etcd(EtcdAction::Leave));
        let is_planned = plan.steps().any(|step| step.node == *name && is_leave(step));
        (!is_wanted && is_there && !is_planned)
            .then(|| Step::new(member, EtcdAction::Leave, "no reboot may bring it back"))
    });
    let left = left.collect();
    plan.stage("Let etcd end on them", Width::NodesInParallel, left);
}

/// What is wrong with the hosts that stay. Members of etcd that leave stand there still.
fn of_hosts(rest: &Basis<'_>) -> Vec<Finding> {
    let mut refusals = hosts::refusals(rest);
    refusals.retain(|refusal| refusal.code != codes::ETCD_CLUSTER);
    refusals
}

/// Whoever is not seen may be running, unless the user says that it is gone.
fn reachable(basis: &Basis<'_>, removing: &Removing<'_>) -> Vec<Finding> {
    let mut refusals = reach::unseen(basis);
    refusals.retain(|refusal| refusal.node.as_ref().is_none_or(|node| !removing.unseen.contains(node)));
    refusals
}

/// The nodes that stay, with the members of etcd that are there already.
fn staying(all: &Inventory, rest: &Inventory) -> Inventory {
    let mut staying = rest.clone();
    if let Etcd::Members(members) = &all.etcd {
        let on_rest = |it: &&EtcdMember| rest.node(&it.name).is_some() || all.node(&it.name).is_none();
        staying.etcd = Etcd::Members(members.iter().filter(on_rest).cloned().collect());
    }
    staying
}

/// A primary that is to leave becomes a standby first.
///
/// Errors: why none of those that stay can take over.
fn hand_over(
    basis: &Basis<'_>,
    removing: &Removing<'_>,
    leader: &NodeName,
    plan: &mut Plan,
) -> Result<(), NoPlan> {
    let primary = basis.observation.facts(leader).and_then(HostFacts::live);
    let Some(primary) = primary else { return Ok(()) };
    let led = Led { leader, primary };
    let rolling = Rolling { basis, led: &led, nodes: Vec::new(), synchronous: 0, joined: Vec::new() };
    let stays = |name: &NodeName| !removing.nodes.contains(name);
    rolling.hand_over(plan, stays, "it is to leave, and another node has to lead first")
}

/// In mode `strict`, commits wait for ever where nobody is left to be synchronous.
fn nobody_to_wait_for(rest: &Basis<'_>) -> Vec<Finding> {
    let strict = rest.inventory.synchronous.mode == SyncMode::Strict;
    if !strict || whole::wanted_synchronous(rest) > 0 {
        return Vec::new();
    }
    let evidence = "no standby would be left that a commit can wait for, and `synchronous.mode` is strict";
    let next = Remedy::from("choose another mode in ").and(Remedy::Inventory).and(", or add a node first");
    vec![Finding::new(codes::NOT_SYNCHRONOUS, evidence, next)]
}

fn consequences(basis: &Basis<'_>, removing: &Removing<'_>) -> Vec<String> {
    let gone = list(removing.nodes);
    let mut told =
        vec![format!("{gone} will be no part of the cluster; what its data directory holds stays there")];
    let unseen = removing.nodes.iter().filter(|name| basis.observation.facts(name).is_none());
    told.extend(unseen.map(|name| {
        format!(
            "{name} is out of reach: if it is ever started again: sudo systemctl disable --now patroni etcd"
        )
    }));
    let rest = basis.inventory.without(removing.nodes);
    if let [one] = rest.etcd.members()
        && basis.inventory.etcd.members().len() > 1
    {
        told.push(format!("etcd will be on {} alone: when that host fails, the primary stops", one.name));
    }
    told.push(format!("afterwards: {}", left_to_do(basis.inventory, removing.nodes)));
    told
}

/// What is left to a person once the plan is carried out.
pub fn left_to_do(inventory: &Inventory, nodes: &[NodeName]) -> String {
    let gone = list(nodes);
    let delete = format!("delete {gone} from `nodes` in the inventory");
    if nodes.iter().all(|name| inventory.etcd_member(name).is_none()) {
        return delete;
    }
    let rest = inventory.without(nodes);
    let members: Vec<_> = rest.etcd.members().iter().map(|member| member.name.as_str()).collect();
    format!("{delete}; `etcd.members`, where it is written, must name {}", names(&members, "and"))
}
