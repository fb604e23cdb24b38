//! A plan with nothing to do yet: what was seen, and what the plan rests on.

use super::describe::describe;
use super::{Command, Plan, roles};
use crate::galera::facts::HostFacts;
use crate::galera::inventory::Node;
use crate::galera::judge::Basis;
use crate::kernel::plan::Situation;

pub fn begin(basis: &Basis<'_>, command: Command) -> Plan {
    let of_node =
        |(node, facts): (&Node, &HostFacts)| Situation::new(node, node.address.to_string(), describe(facts));
    let situation = basis.nodes().map(of_node).chain(roles::situations(basis)).collect();
    let mut plan = Plan::new(command, &basis.inventory.cluster, situation);
    let hosts = basis.inventory.hosts();
    let seen = hosts
        .iter()
        .filter_map(|host| Some((host.name.clone(), basis.observation.fingerprint(&hosts, &host.name)?)));
    plan.rests_on = seen.collect();
    plan
}
