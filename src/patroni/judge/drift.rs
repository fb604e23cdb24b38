//! What runs, and is not what the inventory says.

use super::{Basis, codes};
use crate::kernel::judge::{Finding, PLACE, Remedy, shell_word};
use crate::patroni::config::{
    Difference, DynamicConfig, ETCD_DEFAULTS, EtcdStart, PATRONI_CONFIG, etcd_file, patroni_file, works_with,
};
use crate::patroni::facts::HostFacts;
use crate::patroni::inventory::{EtcdMember, Node};
use crate::patroni::model::Software;
use crate::patroni::software;

/// Values of the dynamic configuration that are named; of more, the number is told.
const MOST_NAMED: usize = 5;

/// All differences between the inventory and what runs.
pub fn findings(basis: &Basis<'_>) -> Vec<Finding> {
    let Some(software) = software::of_all(basis.observation) else {
        return Vec::new();
    };
    let mut findings = nodes(basis, software);
    let members = basis.inventory.etcd.members().iter();
    findings.extend(members.filter_map(|member| of_member(basis, member, software)));
    findings.extend(dynamic(basis));
    findings
}

/// Files of nodes that run with another content than the inventory's.
pub fn nodes(basis: &Basis<'_>, software: Software) -> Vec<Finding> {
    let differs = |(node, facts): (&Node, &HostFacts)| {
        let file = patroni_file(basis.inventory, node, software).put(&node.host, facts.config.as_ref());
        (facts.server_runs() && !file.is_there(facts.config.as_ref())).then(|| of_node(node))
    };
    basis.nodes().filter_map(differs).collect()
}

/// The file of this node is another one than the inventory's.
pub fn of_node(node: &Node) -> Finding {
    let next = Remedy::from("bring the inventory back to what runs, or put the file in place that ")
        .and(format!("galactl render {PLACE} shows, then "))
        .and(Remedy::on_host("sudo systemctl reload patroni"));
    let evidence = format!("its {PATRONI_CONFIG} is not what the inventory says");
    Finding::new(codes::CONFIG_DRIFT, evidence, next).on(&node.name)
}

/// The settings of a member of etcd that runs. Whether it has founded its cluster or come to it later is no matter.
fn of_member(basis: &Basis<'_>, member: &EtcdMember, software: Software) -> Option<Finding> {
    let etcd = basis.etcd_of(&member.name)?;
    let wanted = etcd_file(basis.inventory, member, software, EtcdStart::New);
    let ours = works_with(etcd.settings.as_ref(), &wanted);
    (etcd.runs() && !ours).then(|| {
        let next = Remedy::from("bring the inventory back to what runs, or put the file in place that ")
            .and(format!("galactl render {PLACE} shows, then "))
            .and(Remedy::on_host("sudo systemctl restart etcd, one member after the other"));
        let evidence = format!("its {ETCD_DEFAULTS} is not what the inventory says");
        Finding::new(codes::CONFIG_DRIFT, evidence, next).on(&member.name)
    })
}

/// What etcd keeps for all nodes, as the first Patroni tells it that answers.
fn dynamic(basis: &Basis<'_>) -> Option<Finding> {
    let told =
        |(node, facts): (&_, &HostFacts)| Some((Clone::clone(node), facts.patroni.config.told()?.clone()));
    let (node, found) = basis.observation.seen().find_map(told)?;
    let mut differences = DynamicConfig::of(basis.inventory).differences(&found);
    // Patroni itself keeps there that somebody has paused it.
    differences.retain(|difference| difference.path != "pause");
    let first = differences.first()?;
    let mut named: Vec<_> = differences.iter().take(MOST_NAMED).map(in_words).collect();
    if differences.len() > MOST_NAMED {
        named.push(format!("and {} more", differences.len() - MOST_NAMED));
    }
    let evidence =
        format!("Patroni's dynamic configuration is not what the inventory says: {}", named.join("; "));
    let sets: Vec<_> = differences.iter().map(set).collect();
    let command =
        format!("sudo -u postgres patronictl -c {PATRONI_CONFIG} edit-config --force {}", sets.join(" "));
    let next = Remedy::from(format!("bring the inventory back to {} as it runs, or ", first.path))
        .and(Remedy::OnHost { node: Some(node), command });
    Some(Finding::new(codes::CONFIG_DRIFT, evidence, next))
}

fn in_words(difference: &Difference) -> String {
    let Difference { path, wanted, found } = difference;
    match (wanted, found) {
        (Some(wanted), Some(found)) => format!("{path} is {found} instead of {wanted}"),
        (Some(wanted), None) => format!("{path} is not set instead of {wanted}"),
        (None, found) => {
            format!("{path} is {}, and the inventory says nothing of it", found.as_deref().unwrap_or("set"))
        }
    }
}

/// `patronictl edit-config` takes values as YAML, and `null` away.
fn set(difference: &Difference) -> String {
    let value = difference.wanted.as_deref().unwrap_or("null");
    format!("-s {}", shell_word(&format!("{}={value}", difference.path)))
}
