//! What a host needs before its programs may start.

use super::Step;
use crate::kernel::plan::HostAction;
use crate::patroni::config::{EtcdStart, cluster_defaults, etcd_file, patroni_file};
use crate::patroni::facts::{EtcdFacts, HostFacts};
use crate::patroni::inventory::{EtcdMember, Node};
use crate::patroni::judge::store::is_awaited;
use crate::patroni::judge::{Basis, hosts};
use crate::patroni::model::Software;

/// Steps that bring a data node to the point where its Patroni can be started.
pub fn of_node(basis: &Basis<'_>, node: &Node, facts: &HostFacts, software: Software) -> Vec<Step> {
    let mut steps = Vec::new();
    // It must be there before PostgreSQL's package is, whose script makes a cluster in Patroni's place otherwise.
    let defaults = cluster_defaults().put(&node.host, facts.createcluster.as_ref());
    if !defaults.is_there(facts.createcluster.as_ref()) {
        let why = "the package must not make a cluster of its own";
        steps.push(Step::new(node, HostAction::PutFile(defaults), why));
    }
    let missing = hosts::missing_on_node(facts);
    if !missing.is_empty() {
        let action = HostAction::InstallPackages { packages: missing };
        steps.push(Step::new(node, action, "they are missing here; their services are not started"));
    }
    let file = patroni_file(basis.inventory, node, software).put(&node.host, facts.config.as_ref());
    if !file.is_there(facts.config.as_ref()) {
        let why = match facts.config {
            None => "the node has no configuration for this cluster",
            Some(_) => "the file is not what the inventory says",
        };
        steps.push(Step::new(node, HostAction::PutFile(file), why));
    }
    steps
}

/// Steps that bring a member of etcd to the point where it can be started. One that runs is left alone.
pub fn of_member(basis: &Basis<'_>, member: &EtcdMember, etcd: &EtcdFacts, software: Software) -> Vec<Step> {
    let mut steps = Vec::new();
    if etcd.runs() {
        return steps;
    }
    let missing = hosts::missing_of_etcd(basis, &member.name);
    if !missing.is_empty() {
        let action = HostAction::InstallPackages { packages: missing };
        steps.push(Step::new(member, action, "they are missing here; the package's own etcd is not started"));
    }
    let start = if is_awaited(basis, member) { EtcdStart::Existing } else { EtcdStart::New };
    let file = etcd_file(basis.inventory, member, software, start).put(&member.host, etcd.settings.as_ref());
    if !file.is_there(etcd.settings.as_ref()) {
        let why = "the package's settings are those of an etcd of one member";
        steps.push(Step::new(member, HostAction::PutFile(file), why));
    }
    steps
}
