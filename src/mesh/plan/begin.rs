//! A plan with nothing to do yet: what was seen, and what the plan rests on.

use super::describe::describe;
use super::{Command, Plan};
use crate::kernel::plan::Situation;
use crate::mesh::judge::Basis;

pub fn begin(basis: &Basis<'_>, command: Command) -> Plan {
    let seen = basis
        .nodes()
        .map(|(node, facts)| Situation::new(node, node.address.to_string(), describe(basis, node, facts)));
    let mut plan = Plan::new(command, &basis.inventory.cluster, seen.collect());
    let hosts = basis.inventory.hosts();
    let seen = hosts
        .iter()
        .filter_map(|host| Some((host.name.clone(), basis.observation.fingerprint(&hosts, &host.name)?)));
    plan.rests_on = seen.collect();
    plan
}
