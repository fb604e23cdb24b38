//! Stopping the whole cluster, or members of it, so that nothing is in doubt afterwards.

use super::{Command, NoPlan, Plan, Step, endpoint, links, preparation, rolling};
use crate::galera::judge::Basis;
use crate::galera::judge::codes;
use crate::galera::judge::component::{Member, members, one_component, starting};
use crate::galera::judge::guards;
use crate::galera::judge::identity::other_clusters;
use crate::galera::judge::unanswered;
use crate::galera::plan::ServerAction;
use crate::galera::plan::begin::begin;
use crate::galera::plan::no_plan::refuse;
use crate::galera::plan::roles;
use crate::kernel::judge::{Finding, PLACE, Remedy};
use crate::kernel::model::NodeName;
use crate::kernel::plan::Width;

/// Plans the stop of these nodes; of all, where none is named. All: one after the other, the seed of
/// the next start last, so that it alone is safe to bootstrap.
///
/// Errors: a node is not seen, or the running servers are not one cluster.
pub fn stop(basis: &Basis<'_>, nodes: &[NodeName]) -> Result<Plan, NoPlan> {
    refuse(guards::reachable(basis))?;
    refuse(other_clusters(basis))?;
    refuse(unanswered::refusals(basis))?;
    let standing = members(basis);
    let outside = basis.nodes().filter(|(_, facts)| facts.server_runs() && !facts.is_primary());
    let outside: Vec<NodeName> = outside.map(|(node, _)| node.name.clone()).collect();
    let mut plan = begin(basis, Command::Stop { nodes: nodes.to_vec() });
    if standing.is_empty() {
        refuse(outside.iter().map(outside_any_component).collect())?;
        return Ok(plan);
    }
    refuse(one_component(basis, &standing, starting(basis)?))?;
    refuse(standing.iter().filter_map(rolling::not_synced).collect())?;
    let stopped = |name: &NodeName| nodes.is_empty() || nodes.contains(name);
    refuse(rolling::joining_beside_few(basis, &standing, stopped))?;
    let (leaving, staying): (Vec<_>, Vec<_>) = standing.iter().partition(|member| stopped(&member.node.name));
    if !nodes.is_empty() && staying.is_empty() {
        return Err(NoPlan::Refused(vec![the_last_members()]));
    }
    if staying.is_empty() {
        refuse(unseen_votes(basis, &standing))?;
    } else if !leaving.is_empty() {
        let rest = basis.inventory.without(nodes);
        refuse(links::refusals(&Basis { inventory: &rest, ..*basis }))?;
        let staying: Vec<_> = self::staying(&leaving, &standing).collect();
        refuse(endpoint::refusals(basis, leaving.iter().map(|member| &member.node.name), &staying))?;
    }
    plan.stage(
        "Stop what is not in the cluster",
        Width::NodesInParallel,
        stop_outside(basis, &outside, nodes),
    );
    let staying_names: Vec<_> = staying.iter().map(|member| member.node.name.clone()).collect();
    endpoint::let_in(basis, &mut plan, &staying_names);
    plan.stage("Stop, one node after the other", Width::Serial, leave(basis, &leaving, &standing));
    consequences(&mut plan, &leaving, &staying);
    if let Some(seed) = leaving.first().filter(|_| staying.is_empty()) {
        let others = basis.nodes().map(|(node, _)| node.name.clone()).filter(|name| *name != seed.node.name);
        let action = ServerAction::VerifyStopped { others: others.collect() };
        let why = "the next start begins here, and nowhere else";
        plan.stage("Verify", Width::Serial, vec![Step::new(seed.node, action, why)]);
    }
    roles::quiet(basis, &mut plan);
    Ok(plan)
}

/// Each leaves a cluster that the remaining ones still form. The order is that of the start, turned
/// around, so that the seed goes last. Arbitrators go before it: a node that leaves one behind is not the
/// last member, gets no flag, and the arbitrator stays Primary alone and never comes back by itself
/// (seen on galera 26.4.23).
fn leave(basis: &Basis<'_>, leaving: &[&Member<'_>], standing: &[Member<'_>]) -> Vec<Step> {
    let mut remaining: Vec<NodeName> = standing.iter().map(|member| member.node.name.clone()).collect();
    let mut arbitrators = basis.inventory.arbitrators().len();
    let mut steps = Vec::new();
    for member in order(basis, leaving) {
        if remaining.len() == 1 {
            steps.extend(roles::stops(basis, "the last node must be alone to be safe to start from"));
            arbitrators = 0;
        }
        steps.extend(preparation::disarm_step(member.node, member.facts));
        if leaving.len() < standing.len() {
            let rest: Vec<_> = staying(leaving, standing).collect();
            steps.extend(endpoint::drain(basis, &member.node.name, &rest, []));
        }
        let action = ServerAction::Leave {
            unit: basis.inventory.host.unit.clone(),
            nodes: remaining.clone(),
            most_members: remaining.len() + arbitrators,
            ist_only: false,
        };
        steps.push(Step::new(member.node, action, "the others go on without it"));
        remaining.retain(|name| *name != member.node.name);
    }
    steps
}

fn staying(leaving: &[&Member<'_>], standing: &[Member<'_>]) -> impl Iterator<Item = NodeName> {
    let leaving: Vec<&NodeName> = leaving.iter().map(|member| &member.node.name).collect();
    standing.iter().map(|member| &member.node.name).filter(move |name| !leaving.contains(name)).cloned()
}

/// Those first that lack a link with others, so that whoever carries their messages leaves after them.
fn order<'m, 'a>(basis: &Basis<'_>, leaving: &[&'m Member<'a>]) -> Vec<&'m Member<'a>> {
    let loose = links::loose_ends(basis);
    let links_missing = |member: &&Member<'_>| loose.iter().filter(|name| **name == member.node.name).count();
    let mut order = leaving.to_vec();
    order.reverse();
    let last = order.pop();
    order.sort_by_key(|member| std::cmp::Reverse(links_missing(member)));
    order.into_iter().chain(last).collect()
}

fn stop_outside(basis: &Basis<'_>, outside: &[NodeName], nodes: &[NodeName]) -> Vec<Step> {
    let unit = &basis.inventory.host.unit;
    let named = outside.iter().filter(|name| nodes.is_empty() || nodes.contains(name));
    let step = |name: &NodeName| {
        Step::new(
            &basis.inventory.placement(name),
            ServerAction::StopServer { unit: unit.clone() },
            "it runs, and is no member",
        )
    };
    named.map(step).collect()
}

fn consequences(plan: &mut Plan, leaving: &[&Member<'_>], staying: &[&Member<'_>]) {
    let names = |members: &[&Member<'_>]| {
        members.iter().map(|member| member.node.name.to_string()).collect::<Vec<_>>().join(", ")
    };
    let Some(seed) = leaving.first() else { return };
    plan.consequences.push(match staying {
        [] => {
            format!("the whole cluster stops, {} last: galactl start {PLACE} begins with it", seed.node.name)
        }
        staying => format!("{} stops; in service stays {}", names(leaving), names(staying)),
    });
}

fn outside_any_component(node: &NodeName) -> Finding {
    let evidence =
        "its server runs without a Primary component, so that what it holds may be behind or ahead";
    Finding::new(codes::NON_PRIMARY, evidence, Remedy::galactl("recover", &[]).and(", first")).on(node)
}

/// Arbitrators that may be in the view, and cannot be stopped before the last node.
fn unseen_votes(basis: &Basis<'_>, standing: &[Member<'_>]) -> Vec<Finding> {
    let counted = standing[0].live.cluster_size > standing.len() as u64;
    let mut refusals = roles::obstacles_to_votes(basis);
    refusals.retain(|refusal| counted && matches!(refusal.code, codes::UNREACHABLE | codes::STRAY_SERVER));
    refusals
}

fn the_last_members() -> Finding {
    let evidence = "these are all members that the cluster has";
    Finding::new(
        codes::UNHEALTHY,
        evidence,
        Remedy::from("to stop the whole cluster, name no node: ").and(Remedy::galactl("stop", &[])),
    )
}
