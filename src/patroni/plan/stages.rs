//! Stages that several commands have.

use super::{EtcdAction, NoPlan, PatroniAction, Plan, Step, preparation};
use crate::kernel::model::NodeName;
use crate::kernel::plan::Width;
use crate::patroni::facts::HostFacts;
use crate::patroni::inventory::{EtcdMember, Node};
use crate::patroni::judge::{Basis, whole};
use crate::patroni::model::Software;
use crate::patroni::{proxy, software};

/// Something that shows no progress for this long has failed. A copy that moves is never given up.
pub const PATIENCE_SECONDS: u64 = 600;

/// What runs on the hosts. Errors: no node was seen; the reasons have been told by then.
pub fn software(basis: &Basis<'_>) -> Result<Software, NoPlan> {
    software::of_all(basis.observation).ok_or_else(|| NoPlan::Refused(Vec::new()))
}

/// `members`: those of etcd that are to be started.
pub fn prepare(
    basis: &Basis<'_>,
    plan: &mut Plan,
    software: Software,
    nodes: &[(&Node, &HostFacts)],
    members: &[&EtcdMember],
) {
    let of_members = members.iter().filter_map(|member| {
        let etcd = basis.etcd_of(&member.name)?;
        Some(preparation::of_member(basis, member, etcd, software))
    });
    let of_nodes = nodes.iter().map(|(node, facts)| preparation::of_node(basis, node, facts, software));
    let mut steps: Vec<Step> = of_members.chain(of_nodes).flatten().collect();
    steps.extend(proxy::steps::prepare(basis));
    plan.stage("Prepare", Width::NodesInParallel, steps);
}

/// Members of etcd, all at once: none is up before most are.
pub fn start_etcd(plan: &mut Plan, members: &[&EtcdMember]) {
    let why = "Patroni keeps in it who leads";
    let steps = members.iter().map(|member| Step::new(*member, EtcdAction::Start, why)).collect();
    plan.stage("Start etcd", Width::NodesInParallel, steps);
}

pub fn join(plan: &mut Plan, leader: &NodeName, joiners: &[(&Node, &HostFacts)]) {
    let step = |(node, facts): &(&Node, &HostFacts)| {
        let action = PatroniAction::Join { leader: leader.clone(), patience_seconds: PATIENCE_SECONDS };
        let why =
            if facts.datadir.is_blank() { "it copies the primary's data" } else { "its Patroni is at work" };
        Step::new(*node, action, why)
    };
    plan.stage("Join", Width::NodesInParallel, joiners.iter().map(step).collect());
}

/// The proxies, once there is a primary to which they lead; it is proved that they do where anything is done to them.
/// `primary`: who leads already. `cut_off`: the proof of an earlier run has left its account, which the next one removes.
pub fn endpoint(basis: &Basis<'_>, plan: &mut Plan, primary: Option<&NodeName>, cut_off: bool) {
    let steps: Vec<Step> = proxy::steps::run(basis, primary);
    let shared: Vec<Step> = proxy::steps::share(basis);
    let is_done = steps.is_empty() && shared.is_empty();
    plan.stage("Proxies", Width::NodesInParallel, steps);
    plan.stage("The address that they share", Width::Serial, shared);
    let proof = proxy::steps::verify(basis).filter(|_| !is_done || cut_off);
    plan.stage("Verify the endpoint", Width::Serial, proof.into_iter().collect());
}

pub fn verify(basis: &Basis<'_>, plan: &mut Plan) {
    let nodes = basis.inventory.nodes.iter().map(|node| node.name.clone()).collect();
    verify_among(basis, plan, nodes, whole::wanted_synchronous(basis));
}

/// The same of these nodes, where so many standbys are to be synchronous.
pub fn verify_among(basis: &Basis<'_>, plan: &mut Plan, nodes: Vec<NodeName>, synchronous: usize) {
    let mut first = basis.inventory.founder();
    if let Some(among) = basis.inventory.nodes.iter().find(|node| nodes.contains(&node.name))
        && !nodes.contains(&first.name)
    {
        first = among;
    }
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
