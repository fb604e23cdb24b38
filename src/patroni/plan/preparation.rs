//! What a host needs before its programs may start.

use super::Step;
use crate::kernel::facts::UnitFacts;
use crate::kernel::plan::HostAction;
use crate::patroni::config::{EtcdStart, FoundFile, cluster_defaults, etcd_file, is_galactls, patroni_file};
use crate::patroni::facts::{EtcdFacts, HostFacts};
use crate::patroni::inventory::{EtcdMember, Node};
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
    let comes_enabled = missing.iter().any(|package| package == "patroni");
    if !missing.is_empty() {
        let action = HostAction::InstallPackages { packages: missing };
        steps.push(Step::new(node, action, "they are missing here; their services are not started"));
    }
    let file = patroni_file(basis.inventory, node, software).put(&node.host, facts.config.as_ref());
    if !file.is_there(facts.config.as_ref()) && !is_kept(basis, node, facts) {
        let why = match facts.config {
            None => "the node has no configuration for this cluster",
            Some(_) => "the file is not what the inventory says",
        };
        let enabled = facts.unit("patroni").is_some_and(UnitFacts::is_enabled);
        // Where it was there beside data, a boot would have started Patroni before, too.
        let is_new = facts.config.is_none() || facts.datadir.is_blank();
        let would_start = comes_enabled || enabled && !facts.patroni_runs();
        steps.extend((is_new && would_start).then(|| not_at_boot(node)));
        steps.push(Step::new(node, HostAction::PutFile(file), why));
    }
    steps
}

/// The package enables Patroni's unit, which waits for nothing but the file: a host that boots before its turn would make a
/// cluster of its own. Whatever starts Patroni enables it again.
fn not_at_boot(node: &Node) -> Step {
    let unit = "patroni".parse().expect("a unit's name");
    let why = "with its file, a boot would start Patroni before its turn";
    Step::new(node, HostAction::DisableUnit { unit }, why)
}

/// A file that somebody else wrote for this very node stays where the node has data: only `apply-config` tells what is
/// lost with it, and replaces it.
fn is_kept(basis: &Basis<'_>, node: &Node, facts: &HostFacts) -> bool {
    let file = facts.config.as_ref().filter(|file| !is_galactls(&file.text));
    let is_its_own =
        |file: FoundFile| file.scope == basis.inventory.cluster.as_str() && file.name == node.name.as_str();
    facts.datadir.holds_cluster() && file.and_then(|file| FoundFile::read(&file.text)).is_some_and(is_its_own)
}

/// Steps that bring a member of etcd to the point where it can be started. One that runs is left alone.
pub fn of_member(basis: &Basis<'_>, member: &EtcdMember, etcd: &EtcdFacts, software: Software) -> Vec<Step> {
    if etcd.runs() {
        return Vec::new();
    }
    let mut steps: Vec<_> = packages_of_member(basis, member).into_iter().collect();
    let file = etcd_file(basis.inventory, member, software, EtcdStart::New)
        .put(&member.host, etcd.settings.as_ref());
    if !file.is_there(etcd.settings.as_ref()) {
        let why = "the package's settings are those of an etcd of one member";
        steps.push(Step::new(member, HostAction::PutFile(file), why));
    }
    steps
}

/// The packages that a member's host lacks.
pub fn packages_of_member(basis: &Basis<'_>, member: &EtcdMember) -> Option<Step> {
    let missing = hosts::missing_of_etcd(basis, &member.name);
    (!missing.is_empty()).then(|| {
        let action = HostAction::InstallPackages { packages: missing };
        Step::new(member, action, "they are missing here; the package's own etcd is not started")
    })
}
