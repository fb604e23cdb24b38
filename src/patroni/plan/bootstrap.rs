//! The bootstrap of a cluster: from fresh hosts, or on from where an earlier run stopped.

use super::begin::begin;
use super::no_plan::refuse;
use super::{Command, EtcdAction, NoPlan, PatroniAction, Plan, Step, preparation};
use crate::kernel::model::NodeName;
use crate::kernel::plan::Width;
use crate::patroni::facts::{EtcdFacts, HostFacts};
use crate::patroni::inventory::{EtcdMember, Node};
use crate::patroni::judge::birth::{Standing, standing};
use crate::patroni::judge::{Basis, drift, hosts, reach, room, store, whole};
use crate::patroni::model::Software;
use crate::patroni::software;

/// Something that shows no progress for this long has failed. A copy that moves is never given up.
pub(super) const PATIENCE_SECONDS: u64 = 600;

/// Plans the bootstrap of the inventory's cluster.
///
/// Where the cluster is led already, the plan only adds what is missing and founds nothing; where nothing is missing,
/// it is empty.
///
/// Errors: every reason not to go on.
pub fn bootstrap(basis: &Basis<'_>) -> Result<Plan, NoPlan> {
    refuse(reach::unseen(basis))?;
    refuse(hosts::refusals(basis))?;
    refuse(room::refusals(basis))?;
    let Some(software) = software::of_all(basis.observation) else {
        return Err(NoPlan::Refused(Vec::new()));
    };
    match standing(basis)? {
        Standing::Unborn => Ok(found(basis, software)),
        Standing::Founding(node) => Err(NoPlan::Founding(node)),
        Standing::Led { leader, .. } => carry_on(basis, software, &leader),
    }
}

/// Nothing is there: the first node that may lead makes the cluster.
fn found(basis: &Basis<'_>, software: Software) -> Plan {
    let founder = basis.inventory.founder();
    let mut plan = begin(basis, Command::Bootstrap { founder: founder.name.clone() });
    plan.consequences = vec![format!(
        "{} makes a new, empty cluster; the others copy it. No host has data of PostgreSQL or etcd",
        founder.name
    )];
    let everybody: Vec<_> = basis.nodes().collect();
    prepare(basis, &mut plan, software, &everybody);
    start_etcd(basis, &mut plan);
    let action = PatroniAction::Found { patience_seconds: PATIENCE_SECONDS };
    let step = Step::new(founder, action, "its Patroni takes the key `initialize`, which nobody has");
    plan.stage("Create the cluster", Width::Serial, vec![step]);
    let others: Vec<_> = everybody.into_iter().filter(|(node, _)| node.name != founder.name).collect();
    join(&mut plan, &founder.name, &others);
    verify(basis, &mut plan);
    plan
}

/// The cluster is led: nodes that are no part of it yet come to it.
fn carry_on(basis: &Basis<'_>, software: Software, leader: &NodeName) -> Result<Plan, NoPlan> {
    let Some(primary) = basis.observation.facts(leader).and_then(HostFacts::live) else {
        return Err(NoPlan::Refused(Vec::new()));
    };
    let follows = |node: &Node, facts| whole::not_following(basis, leader, primary, node, facts);
    let apart = basis.nodes().filter(|(node, _)| &node.name != leader);
    let apart = apart.filter_map(|(node, facts)| Some((node, facts, follows(node, facts)?)));
    let (mut joiners, mut refusals) = (Vec::new(), drift::nodes(basis, software));
    refusals.extend(store::wiped(basis));
    for (node, facts, why) in apart {
        // Whoever has data and does not run may have commits that the leader has not.
        match facts.datadir.is_blank() || facts.patroni_runs() {
            true => joiners.push((node, facts)),
            false => refusals.push(why.on(&node.name)),
        }
    }
    refuse(refusals)?;
    let mut plan = begin(basis, Command::Bootstrap { founder: leader.clone() });
    prepare(basis, &mut plan, software, &joiners);
    start_etcd(basis, &mut plan);
    join(&mut plan, leader, &joiners);
    // A run that was cut off has proved nothing, and Patroni may not have chosen its synchronous standbys yet.
    if !plan.is_empty() || !whole::findings(basis, leader).is_empty() {
        verify(basis, &mut plan);
    }
    Ok(plan)
}

fn prepare(basis: &Basis<'_>, plan: &mut Plan, software: Software, nodes: &[(&Node, &HostFacts)]) {
    let of_members = basis.inventory.etcd.members().iter().filter_map(|member| {
        let etcd = etcd_of(basis, member)?;
        Some(preparation::of_member(basis, member, etcd, software))
    });
    let of_nodes = nodes.iter().map(|(node, facts)| preparation::of_node(basis, node, facts, software));
    plan.stage("Prepare", Width::NodesInParallel, of_members.chain(of_nodes).flatten().collect());
}

/// The members that do not run yet, all at once: none is up before most are.
pub(super) fn start_etcd(basis: &Basis<'_>, plan: &mut Plan) {
    let members = basis.inventory.etcd.members();
    let stopped: Vec<_> =
        members.iter().filter(|member| !etcd_of(basis, member).is_some_and(EtcdFacts::runs)).collect();
    let why = "Patroni keeps in it who leads";
    let steps = stopped.iter().map(|member| Step::new(*member, EtcdAction::Start, why)).collect();
    plan.stage("Start etcd", Width::NodesInParallel, steps);
    if let Some(first) = members.first().filter(|_| !stopped.is_empty()) {
        let members = members.iter().map(|member| member.name.clone()).collect();
        let step = Step::new(first, EtcdAction::Verify { members }, "each could be up and alone");
        plan.stage("Verify etcd", Width::Serial, vec![step]);
    }
}

fn join(plan: &mut Plan, leader: &NodeName, joiners: &[(&Node, &HostFacts)]) {
    let step = |(node, facts): &(&Node, &HostFacts)| {
        let action = PatroniAction::Join { leader: leader.clone(), patience_seconds: PATIENCE_SECONDS };
        let why =
            if facts.datadir.is_blank() { "it copies the primary's data" } else { "its Patroni is at work" };
        Step::new(*node, action, why)
    };
    plan.stage("Join", Width::NodesInParallel, joiners.iter().map(step).collect());
}

pub(super) fn verify(basis: &Basis<'_>, plan: &mut Plan) {
    let nodes: Vec<_> = basis.inventory.nodes.iter().map(|node| node.name.clone()).collect();
    let first = basis.inventory.founder();
    let synchronous = whole::wanted_synchronous(basis);
    let steps = vec![
        Step::new(
            first,
            PatroniAction::VerifyMembers { nodes: nodes.clone(), synchronous },
            "what one node says proves nothing about the others",
        ),
        Step::new(first, PatroniAction::VerifyWrites { nodes }, "replication is proved by a row"),
    ];
    plan.stage("Verify", Width::Serial, steps);
}

pub(super) fn etcd_of<'a>(basis: &Basis<'a>, member: &EtcdMember) -> Option<&'a EtcdFacts> {
    basis.observation.etcd().find(|(name, _)| **name == member.name).map(|(_, etcd)| etcd)
}
