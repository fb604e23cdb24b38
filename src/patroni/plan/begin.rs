//! A plan with nothing to do yet: what was seen, and what the plan rests on.

use super::describe::{describe, describe_store};
use super::{Command, Plan};
use crate::kernel::inventory::Machine;
use crate::kernel::plan::Situation;
use crate::patroni::judge::Basis;
use crate::patroni::proxy::{ROLE, judge};

pub fn begin(basis: &Basis<'_>, command: Command) -> Plan {
    let nodes =
        basis.nodes().map(|(node, facts)| Situation::new(node, node.address.to_string(), describe(facts)));
    let stores = basis.inventory.etcd_hosts.iter().filter_map(|member| {
        let facts = basis.observation.etcd_host(&member.name)?;
        Some(Situation::new(member, member.address.to_string(), describe_store(&facts.etcd)))
    });
    let proxies = judge::seen(basis)
        .map(|(proxy, facts)| Situation::new(proxy, proxy.address.to_string(), judge::describe(facts)));
    let seen = nodes.chain(stores).chain(proxies).collect();
    // Who sets proxies up rests on their hosts. All else goes on without them.
    let to_proxies =
        matches!(command, Command::Bootstrap { .. } | Command::AddNode { .. } | Command::RemoveNode { .. });
    let mut plan = Plan::new(command, &basis.inventory.cluster, seen);
    let hosts = basis.inventory.hosts();
    let matters = |host: &&Machine| to_proxies || hosts.on(&host.name).any(|it| it.role != ROLE);
    let seen = hosts
        .iter()
        .filter(matters)
        .filter_map(|host| Some((host.name.clone(), basis.observation.fingerprint(&hosts, &host.name)?)));
    plan.rests_on = seen.collect();
    plan
}
