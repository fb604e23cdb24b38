//! The bootstrap of a cluster: from fresh hosts, from a standalone server, or on from where an earlier run stopped.

use super::begin::begin;
use super::completing::completing;
use super::no_plan::refuse;
use super::stages::{PATIENCE_SECONDS, endpoint, join, prepare, software, start_etcd, verify};
use super::{Command, NoPlan, PatroniAction, Plan, Step, etcd_members, seed};
use crate::kernel::model::NodeName;
use crate::kernel::plan::Width;
use crate::patroni::facts::{EtcdFacts, SystemId};
use crate::patroni::inventory::EtcdMember;
use crate::patroni::judge::birth::{Standing, standing};
use crate::patroni::judge::{Basis, hosts, reach, room};
use crate::patroni::model::Software;
use crate::patroni::proxy;

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
    let software = software(basis)?;
    let standing = standing(basis)?;
    // Of a cluster that is to be recovered, nobody is told to see to its proxies first.
    refuse(proxy::judge::obstacles(basis))?;
    match standing {
        Standing::Unborn => Ok(found(basis, software)),
        Standing::Seeded { seed, id } => from_seed(basis, software, &seed, &id),
        Standing::Founding(node) => Err(NoPlan::Founding(node)),
        Standing::Led { leader, .. } => {
            let command = Command::Bootstrap { founder: leader.clone() };
            completing(basis, software, &leader, command)
        }
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
    let before = |plan: &mut Plan| {
        let action = PatroniAction::Found { patience_seconds: PATIENCE_SECONDS };
        let step = Step::new(founder, action, "its Patroni takes the key `initialize`, which nobody has");
        plan.stage("Create the cluster", Width::Serial, vec![step]);
    };
    create(basis, &mut plan, software, before);
    plan
}

/// One node has the data of a standalone server, which becomes the cluster's; nobody else has anything.
fn from_seed(basis: &Basis<'_>, software: Software, seed: &NodeName, id: &SystemId) -> Result<Plan, NoPlan> {
    let taken = seed::taken(basis, seed, id)?;
    let mut plan = begin(basis, Command::Bootstrap { founder: seed.clone() });
    plan.consequences = taken.consequences;
    plan.warnings = taken.warnings;
    create(basis, &mut plan, software, |plan| plan.stage("Take the seed over", Width::Serial, taken.steps));
    Ok(plan)
}

/// All stages of a birth; `first`: those in which the founder becomes the primary.
fn create(basis: &Basis<'_>, plan: &mut Plan, software: Software, first: impl FnOnce(&mut Plan)) {
    let founder = basis.inventory.founder();
    let everybody: Vec<_> = basis.nodes().collect();
    let members = basis.inventory.etcd.members();
    let runs = |member: &&EtcdMember| basis.etcd_of(&member.name).is_some_and(EtcdFacts::runs);
    let stopped: Vec<_> = members.iter().filter(|member| !runs(member)).collect();
    prepare(basis, plan, software, &everybody, &stopped);
    start_etcd(plan, &stopped);
    if !stopped.is_empty() {
        etcd_members::verify(plan, members);
    }
    first(plan);
    let others: Vec<_> = everybody.into_iter().filter(|(node, _)| node.name != founder.name).collect();
    join(plan, &founder.name, &others);
    verify(basis, plan);
    endpoint(basis, plan, None, false);
}
