//! What must hold of every host, whatever is planned on it.

use std::collections::BTreeMap;

use super::{Basis, codes};
use crate::kernel::inventory::Entry as _;
use crate::kernel::judge::{Finding, Remedy, programs};
use crate::mesh::facts::HostFacts;
use crate::mesh::inventory::Node;
use crate::mesh::model::{Cluster, Method};
use crate::postgresql::Major;
use crate::postgresql::hosts::{packages, same_machine, wrong_address};
use crate::postgresql::packages::absent;
use crate::postgresql::settings::is_missing_in;

/// All refusals about hosts, whatever stands there.
pub fn refusals(basis: &Basis<'_>) -> Vec<Finding> {
    let mut refusals = methods(basis);
    refusals.extend(releases(basis));
    if !refusals.is_empty() {
        return refusals;
    }
    refusals.extend(same_machine(basis.nodes().map(|(node, facts)| (&node.name, &facts.machine))));
    for (node, facts) in basis.nodes() {
        let unit = facts.major().map(|major| Cluster(major).unit()).unwrap_or_default();
        let found = [
            wrong_address(&node.address, node.ssh(), &facts.machine, "PostgreSQL"),
            packages(&missing(basis, facts), &facts.packages, basis.inventory.install),
            too_old(basis, facts),
            unknown_setting(node, facts),
            programs::masked(&facts.unit, &unit),
            unseen_data(facts),
            elsewhere(facts),
        ];
        refusals.extend(found.into_iter().flatten().map(|refusal| refusal.on(&node.name)));
    }
    refusals
}

/// galactl has never run the statements of the others.
fn methods(basis: &Basis<'_>) -> Vec<Finding> {
    let method = basis.inventory.method;
    if method.is_run() {
        return Vec::new();
    }
    let evidence = format!("{method} needs servers that Debian does not have, and galactl has never run it");
    let next = Remedy::galactl("render", &[])
        .and(" shows the statements of each node in their order; `method: pglogical` is run");
    vec![Finding::new(codes::NOT_SUPPORTED, evidence, next)]
}

/// One Debian release that galactl knows, on all nodes, and an inventory that it can do.
fn releases(basis: &Basis<'_>) -> Vec<Finding> {
    let mut found: BTreeMap<Major, Vec<&str>> = BTreeMap::new();
    let mut unknown = Vec::new();
    for (node, facts) in basis.nodes() {
        match facts.major() {
            Ok(major) => found.entry(major).or_default().push(node.name.as_str()),
            Err(why) => {
                let next = "galactl sets PostgreSQL up on Debian 12 and 13, from Debian's own packages";
                unknown.push(Finding::new(codes::NOT_SUPPORTED, why, next).on(&node.name));
            }
        }
    }
    if found.len() > 1 {
        let told: Vec<_> = found
            .iter()
            .map(|(major, nodes)| format!("PostgreSQL {major} on {}", nodes.join(", ")))
            .collect();
        let next = "a node is a copy of another one's server: take hosts of one Debian release";
        unknown.push(Finding::new(codes::VERSIONS_DIFFER, told.join("; "), next));
    }
    let Some(major) = found.keys().next().copied() else { return unknown };
    if let Some(wanted) = basis.inventory.version.filter(|wanted| *wanted != major) {
        let evidence = format!("PostgreSQL {wanted} is asked for, and Debian {} has {major}", major.debian());
        let next = format!("write `version: {major}`, or use hosts with Debian {}", wanted.debian());
        unknown.push(Finding::new(codes::VERSIONS_DIFFER, evidence, next));
    }
    if basis.inventory.method == Method::Native && major == Major::Fifteen {
        let evidence = "native replication of PostgreSQL 15 sends changes on that came from another node";
        let next = "write `method: pglogical`, or use hosts with Debian 13";
        unknown.push(Finding::new(codes::VERSIONS_DIFFER, evidence, next));
    }
    unknown
}

/// The packages of a node that are missing on its host.
pub fn missing(basis: &Basis<'_>, facts: &HostFacts) -> Vec<String> {
    let Ok(major) = facts.major() else { return Vec::new() };
    let mut wanted = vec![format!("postgresql-{major}")];
    if basis.inventory.method == Method::Pglogical {
        wanted.push(format!("postgresql-{major}-pglogical"));
    }
    absent(&wanted.iter().map(String::as_str).collect::<Vec<_>>(), &facts.packages)
}

/// Since these releases, a slot takes only plugins that `output_plugin_libraries` names; older ones do not know the setting.
fn too_old(basis: &Basis<'_>, facts: &HostFacts) -> Option<Finding> {
    let major = facts.major().ok().filter(|_| basis.inventory.method == Method::Pglogical)?;
    let package = format!("postgresql-{major}");
    let installed = facts.installed(&package)?;
    let minor =
        installed.split_once('.')?.1.split(|c: char| !c.is_ascii_digit()).next()?.parse::<u32>().ok()?;
    let first = match major {
        Major::Fifteen => 20,
        Major::Seventeen => 12,
    };
    let evidence = format!(
        "PostgreSQL {major}.{minor} does not know the setting output_plugin_libraries, and would not start with it"
    );
    let next = Remedy::on_host(format!(
        "sudo apt-get update && sudo apt-get install {package}, which restarts the server; then run this again"
    ));
    (minor < first).then(|| Finding::new(codes::NOT_SUPPORTED, evidence, next))
}

/// A server does not start with a setting that it does not know.
fn unknown_setting(node: &Node, facts: &HostFacts) -> Option<Finding> {
    let major = facts.major().ok()?;
    let name = node.settings.keys().find(|name| is_missing_in(name, major))?;
    let evidence = format!("PostgreSQL {major} has no setting `{name}`, and would not start");
    let next = Remedy::from("remove it from ").and(Remedy::Inventory);
    Some(Finding::new(codes::VERSIONS_DIFFER, evidence, next))
}

/// What a cluster has elsewhere would be neither seen nor kept.
fn elsewhere(facts: &HostFacts) -> Option<Finding> {
    let major = facts.major().ok()?;
    let (own, there) = (Cluster(major).data(), facts.data_directory(major)?);
    let evidence =
        format!("its cluster {major}/main has its data in {there}, and galactl works with {own} alone");
    let next = Remedy::on_host(format!(
        "stop it, move its data to {own} (or mount their disk at /var/lib/postgresql), and correct `data_directory` in postgresql.conf; then run this again"
    ));
    (there.trim_end_matches('/') != own).then(|| Finding::new(codes::NOT_SUPPORTED, evidence, next))
}

fn unseen_data(facts: &HostFacts) -> Option<Finding> {
    let why = facts.datadir.unseen.as_ref()?;
    let next = Remedy::on_host("look what it is; if nobody needs it, move it away, then run this again");
    Some(Finding::new(codes::DATA_UNKNOWN, why.clone(), next))
}
