//! The bootstrap of a cluster: from fresh hosts, or on from where an earlier run stopped.

use super::begin::begin;
use super::completing::completing;
use super::no_plan::refuse;
use super::stages::{PATIENCE_SECONDS, endpoint, join, prepare, software, start_etcd, verify};
use super::{Command, NoPlan, PatroniAction, Plan, Step, etcd_members};
use crate::kernel::plan::Width;
use crate::patroni::facts::EtcdFacts;
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
    let everybody: Vec<_> = basis.nodes().collect();
    let members = basis.inventory.etcd.members();
    let runs = |member: &&EtcdMember| basis.etcd_of(&member.name).is_some_and(EtcdFacts::runs);
    let stopped: Vec<_> = members.iter().filter(|member| !runs(member)).collect();
    prepare(basis, &mut plan, software, &everybody, &stopped);
    start_etcd(&mut plan, &stopped);
    if !stopped.is_empty() {
        etcd_members::verify(&mut plan, members);
    }
    let action = PatroniAction::Found { patience_seconds: PATIENCE_SECONDS };
    let step = Step::new(founder, action, "its Patroni takes the key `initialize`, which nobody has");
    plan.stage("Create the cluster", Width::Serial, vec![step]);
    let others: Vec<_> = everybody.into_iter().filter(|(node, _)| node.name != founder.name).collect();
    join(&mut plan, &founder.name, &others);
    verify(basis, &mut plan);
    endpoint(basis, &mut plan, None, false);
    plan
}
