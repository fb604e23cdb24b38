//! What must hold of every host, whatever is planned on it.

use std::collections::{BTreeMap, BTreeSet};

use super::other_data::kept_at;
use super::{Basis, codes, store};
use crate::kernel::inventory::Entry;
use crate::kernel::judge::{Finding, Remedy, Severity, programs, shell_word};
use crate::kernel::model::NodeName;
use crate::patroni::config::{etcd_data_dir, port_in};
use crate::patroni::facts::{DebianCluster, EtcdEndpoint, EtcdFacts, HostFacts};
use crate::patroni::inventory::{Etcd, unfit};
use crate::patroni::model::{Api, Software};
use crate::patroni::software;
use crate::postgresql::hosts::{packages, same_machine, wrong_address};
use crate::postgresql::packages::absent;

/// What an address is for.
pub const SERVICES: &str = "PostgreSQL and etcd";

/// All refusals about hosts, whatever stands there.
pub fn refusals(basis: &Basis<'_>) -> Vec<Finding> {
    let mut refusals = releases(basis);
    if !refusals.is_empty() {
        return refusals;
    }
    refusals.extend(same_machine(basis.nodes().map(|(node, facts)| (&node.name, &facts.machine))));
    for (node, facts) in basis.nodes() {
        let found = [
            wrong_address(&node.address, &node.ssh, &facts.machine, SERVICES),
            packages(
                &[missing_on_node(facts), missing_of_etcd(basis, &node.name)].concat(),
                &facts.packages,
                basis.inventory.install,
            ),
            foreign_clusters(basis, &node.name, facts),
            facts.unit("patroni").and_then(|unit| programs::masked(unit, "patroni")),
            masked_etcd(basis, &node.name, &facts.etcd),
            other_port(basis, facts),
            foreign_etcd(basis, &node.name, &facts.etcd),
        ];
        refusals.extend(found.into_iter().flatten().map(|refusal| refusal.on(&node.name)));
    }
    for member in &basis.inventory.etcd_hosts {
        let Some(facts) = basis.observation.etcd_host(&member.name) else { continue };
        let found = [
            wrong_address(&member.address, member.ssh(), &facts.machine, SERVICES),
            packages(&missing_of_etcd(basis, &member.name), &facts.packages, basis.inventory.install),
            masked_etcd(basis, &member.name, &facts.etcd),
            foreign_etcd(basis, &member.name, &facts.etcd),
        ];
        refusals.extend(found.into_iter().flatten().map(|refusal| refusal.on(&member.name)));
    }
    refusals
}

/// One Debian release that galactl knows, on all data nodes, and an inventory that its versions can do.
pub fn releases(basis: &Basis<'_>) -> Vec<Finding> {
    let mut systems: BTreeMap<String, Vec<&NodeName>> = BTreeMap::new();
    for (node, facts) in basis.nodes() {
        systems.entry(facts.machine.os.clone()).or_default().push(&node.name);
    }
    if systems.len() > 1 {
        let told = systems.iter().map(|(system, nodes)| {
            let nodes: Vec<_> = nodes.iter().map(|node| node.as_str()).collect();
            format!("{system} on {}", nodes.join(", "))
        });
        let evidence = told.collect::<Vec<_>>().join("; ");
        let next = "one major version of PostgreSQL is on all nodes: take hosts of one Debian release";
        return vec![Finding::new(codes::VERSIONS_DIFFER, evidence, next)];
    }
    let unknown = basis.nodes().filter_map(|(node, facts)| {
        let next = "galactl sets PostgreSQL up on Debian 12 and 13, from Debian's own packages";
        Some(Finding::new(codes::NOT_SUPPORTED, software::of(facts).err()?, next).on(&node.name))
    });
    let unknown: Vec<_> = unknown.collect();
    let Some(software) = software::of_all(basis.observation).filter(|_| unknown.is_empty()) else {
        return unknown;
    };
    let unfit = unfit(basis.inventory, software).into_iter().map(|why| {
        let evidence = format!("{}: {}", why.path, why.message);
        Finding::new(codes::VERSIONS_DIFFER, evidence, why.hint.unwrap_or_default())
    });
    unfit.chain(loses_commits(basis, software)).chain(api_is_off(basis, software)).collect()
}

/// A node whose Patroni is too old for the API by which the others keep who leads.
fn loses_commits(basis: &Basis<'_>, software: Software) -> Vec<Finding> {
    let others_have_it =
        basis.nodes().any(|(_, facts)| software::of(facts).is_ok_and(|own| !own.loses_by_v3()));
    let old = basis.nodes().filter_map(|(node, facts)| {
        let own = software::of(facts).ok()?;
        let next = if others_have_it {
            Remedy::on_host("install Patroni 3.0.3 or later there, as the other nodes have it")
        } else {
            Remedy::from("no node has a Patroni that is safe with it: install 3.0.3 or later on all nodes, one after the other, the primary last after a switchover by patronictl; Debian 12 has none, PostgreSQL's own archive (apt.postgresql.org) has one")
        };
        let evidence = format!(
            "the cluster's keys are in etcd by its v3 API, with which Patroni {} loses acknowledged commits",
            own.patroni
        );
        (software.api() == Api::V3 && own.loses_by_v3())
            .then(|| Finding::new(codes::VERSIONS_DIFFER, evidence, next).on(&node.name))
    });
    old.collect()
}

/// An etcd that answers, and does not serve the API that Patroni needs. The keys may be there all the same.
fn api_is_off(basis: &Basis<'_>, software: Software) -> Vec<Finding> {
    let is_off = |endpoint: &EtcdEndpoint| {
        endpoint.v3.agreed.told().is_some() && endpoint.v2.agreed.is_nobody() && software.api() == Api::V2
    };
    let off = basis.observation.endpoints().filter(|(_, _, endpoint)| is_off(endpoint));
    let mut told = BTreeSet::new();
    let off = off.filter(|(_, at, _)| told.insert((*at).to_owned())).map(|(node, at, _)| {
        let evidence = format!(
            "etcd at {at} does not serve its v2 API, in which Patroni {} keeps who leads",
            software.patroni
        );
        match basis.inventory.etcd_member(node) {
            Some(member) => {
                let next =
                    "echo ETCD_ENABLE_V2=true | sudo tee -a /etc/default/etcd && sudo systemctl restart etcd";
                let next = Remedy::on_host(next).and("; then run this again");
                Finding::new(codes::STORE_UNKNOWN, evidence, next).on(&member.name)
            }
            None => {
                let next =
                    "start it with --enable-v2=true, which etcd has up to 3.5; or use hosts with Debian 13";
                Finding::new(codes::STORE_UNKNOWN, evidence, next)
            }
        }
    });
    off.collect()
}

/// The packages of a data node that are missing there, without etcd's.
pub fn missing_on_node(facts: &HostFacts) -> Vec<String> {
    let Ok(software) = software::of(facts) else { return Vec::new() };
    let wanted = [&format!("postgresql-{}", software.postgresql), "patroni", "python3-etcd"];
    absent(&wanted, &facts.packages)
}

/// The packages of a member of etcd that are missing on its host.
pub fn missing_of_etcd(basis: &Basis<'_>, member: &NodeName) -> Vec<String> {
    let observation = basis.observation;
    let of_node = observation.facts(member).map(|facts| &facts.packages);
    let packages = of_node.or_else(|| observation.etcd_host(member).map(|facts| &facts.packages));
    let is_member = basis.inventory.etcd_member(member).is_some();
    packages
        .filter(|_| is_member)
        .map_or_else(Vec::new, |there| absent(&["etcd-server", "etcd-client"], there))
}

/// Clusters that are not this one's, on a host whose port and memory they share.
fn foreign_clusters(basis: &Basis<'_>, node: &NodeName, facts: &HostFacts) -> Option<Finding> {
    let own = &facts.datadir.path;
    // Where the seed's data are elsewhere, the refusal of the seed tells how they come to their place.
    if basis.inventory.seed.as_ref() == Some(node) && facts.datadir.is_blank() {
        return None;
    }
    let foreign: Vec<_> = facts.debian_clusters.iter().filter(|cluster| cluster.datadir != *own).collect();
    let told: Vec<_> = foreign
        .iter()
        .map(|it| format!("{}/{} at port {} ({})", it.version, it.name, it.port, it.status))
        .collect();
    if let Some(moved) = moved_away(facts, &foreign, basis.inventory.postgresql.port) {
        return Some(moved);
    }
    let drop: Vec<_> =
        foreign.iter().map(|it| format!("sudo pg_dropcluster --stop {} {}", it.version, it.name)).collect();
    let next = Remedy::on_host(format!(
        "if nobody needs its data: {}; or give this node a host of its own",
        drop.join(" && ")
    ));
    (!told.is_empty()).then(|| {
        Finding::new(codes::FOREIGN, format!("it has another PostgreSQL cluster: {}", told.join(", ")), next)
    })
}

/// Debian's cluster of this node's own name works elsewhere, and an older copy is where its data were: nobody is told to
/// drop the one that is in use.
fn moved_away(facts: &HostFacts, foreign: &[&DebianCluster], port: u16) -> Option<Finding> {
    let (path, version) = (&facts.datadir.path, facts.datadir.version()?);
    if facts.datadir.patroni_dynamic || facts.patroni_runs() {
        return None;
    }
    let is_own = |it: &DebianCluster| it.version == version && (it.name == "main" || it.port == port);
    let moved = foreign.iter().find(|it| is_own(it)).filter(|_| facts.debian_cluster().is_none())?;
    let evidence = format!(
        "Debian's cluster {}/{} ({}) has its data in {}, and {path} holds others, or an older copy of them",
        moved.version, moved.name, moved.status, moved.datadir
    );
    let stop = match facts.servers.iter().any(|server| server.datadir == *path) {
        true => "stop the server that works on it, then ",
        false => "",
    };
    let next = Remedy::from(format!("if nobody needs what {path} holds: {stop}"))
        .and(Remedy::on_host(format!("sudo mv {} {}", shell_word(path), shell_word(&kept_at(path)))))
        .and(", then run this again, which tells how the data in use come there");
    Some(Finding::new(codes::FOREIGN, evidence, next))
}

/// Whoever has no vote needs no etcd of his own.
fn masked_etcd(basis: &Basis<'_>, member: &NodeName, etcd: &EtcdFacts) -> Option<Finding> {
    basis.inventory.etcd_member(member).and_then(|_| programs::masked(&etcd.unit, "etcd"))
}

/// Nobody would be asked at the port where the server is, and it would be taken for one that is down.
fn other_port(basis: &Basis<'_>, facts: &HostFacts) -> Option<Finding> {
    let port = facts.config.as_ref().and_then(|file| port_in(&file.text))?;
    let wanted = basis.inventory.postgresql.port;
    let next = Remedy::from(format!("write `postgresql: {{port: {port}}}` in "))
        .and(Remedy::Inventory)
        .and("; galactl changes the port of no server that runs");
    let evidence = format!("its server runs at port {port}, and the inventory says {wanted}");
    (port != wanted && facts.server_runs()).then(|| Finding::new(codes::CONFIG_DRIFT, evidence, next))
}

/// An etcd that is at work here and is not the inventory's. Where the inventory names an etcd that is there already,
/// galactl starts none and stops none, and this one may be it.
fn foreign_etcd(basis: &Basis<'_>, member: &NodeName, etcd: &EtcdFacts) -> Option<Finding> {
    if !etcd.runs() || matches!(basis.inventory.etcd, Etcd::Existing(_)) {
        return None;
    }
    let own = format!("ETCD_DATA_DIR={}", etcd_data_dir(&basis.inventory.cluster));
    let ours = etcd.settings.as_ref().is_some_and(|file| file.text.lines().any(|line| line == own));
    let named = basis.inventory.etcd_member(member).is_some();
    if ours && !named {
        return Some(unnamed_member(basis));
    }
    let next = Remedy::on_host(
        "if nobody needs it: sudo systemctl disable --now etcd, and move its data directory away; or name it under `etcd.endpoints`",
    );
    (!ours).then(|| Finding::new(codes::FOREIGN, "an etcd runs here that is not this cluster's", next))
}

/// A member of this cluster's etcd, of which the inventory says nothing: it has stood in another order, or without a
/// node that has left.
fn unnamed_member(basis: &Basis<'_>) -> Finding {
    let evidence = "its etcd is this cluster's, and the inventory does not count it among the members";
    let next = store::as_etcd_has_it(basis);
    Finding::new(codes::ETCD_CLUSTER, evidence, next).severity(Severity::Degraded)
}
