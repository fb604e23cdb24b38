//! The facts of a host that decide what a plan does there.

use std::collections::BTreeMap;

use super::Package;
use super::datadir::{Contents, Datadir};
use super::etcd::{EtcdFacts, Initialize};
use super::host::{EtcdHostFacts, HostFacts};
use crate::kernel::facts::Answer;
use crate::kernel::facts::{ConfigFile, Facts, Fingerprint, list};

/// `role`: what the node is to its host. Positions in the WAL, the clock and sizes move by themselves, and are not
/// in it.
pub fn fingerprint(role: &str, facts: &HostFacts) -> Fingerprint {
    let mut own = vec![
        ("packages", packages(&facts.packages)),
        ("units", list(&facts.units, |(name, unit)| format!("{name} {}", unit.in_words()))),
        ("servers", list(&facts.servers, |server| server.datadir.clone())),
        ("data directory", data(&facts.datadir)),
        ("other data", list(&facts.other_datadirs, Clone::clone)),
        ("other clusters", list(&facts.debian_clusters, |it| format!("{}/{}", it.version, it.name))),
        ("server", server(facts)),
        ("Patroni", patroni(facts)),
        ("Patroni's file", file(facts.config.as_ref())),
        ("createcluster.conf", file(facts.createcluster.as_ref())),
    ];
    own.extend(etcd(&facts.etcd));
    Fingerprint::of(facts.machine.fingerprint(), role, own)
}

/// Of a machine that only keeps the store.
pub fn fingerprint_of_etcd(role: &str, facts: &EtcdHostFacts) -> Fingerprint {
    let mut own = vec![("packages", packages(&facts.packages))];
    own.extend(etcd(&facts.etcd));
    Fingerprint::of(facts.machine.fingerprint(), role, own)
}

fn packages(packages: &BTreeMap<String, Package>) -> String {
    let installed = packages.iter().filter_map(|(name, it)| Some((name, it.installed.as_ref()?)));
    list(installed, |(name, version)| format!("{name} {version}"))
}

fn file(file: Option<&ConfigFile>) -> String {
    file.map_or_else(|| "absent".into(), ConfigFile::in_words)
}

fn data(datadir: &Datadir) -> String {
    let contents = match &datadir.contents {
        Contents::Absent => "absent".into(),
        Contents::Empty => "empty".into(),
        Contents::Cluster(version) => format!("PostgreSQL {version}"),
        Contents::Other(names) => format!("other files: {}", names.join(", ")),
        Contents::Unreadable(why) => why.clone(),
    };
    let id = datadir.system_id().map_or_else(String::new, |id| format!(", system {id}"));
    let missing = datadir.missing.as_ref().map_or_else(String::new, |why| format!(", {why}"));
    format!("{} {contents}{id}{missing}", datadir.path)
}

fn server(facts: &HostFacts) -> String {
    match &facts.server {
        Answer::Told(live) => {
            let role = if live.in_recovery { "standby" } else { "primary" };
            format!("{role} of system {} on timeline {}", live.system_id, live.timeline)
        }
        Answer::Nobody(_) => "none".into(),
        Answer::Unseen(why) => why.clone(),
    }
}

fn patroni(facts: &HostFacts) -> String {
    match &facts.patroni.node {
        Answer::Told(node) => {
            let paused = if node.paused { ", paused" } else { "" };
            format!("{} of {}{paused}", node.version, node.scope)
        }
        Answer::Nobody(_) => "none".into(),
        Answer::Unseen(why) => why.clone(),
    }
}

fn etcd(facts: &EtcdFacts) -> Facts {
    vec![
        ("etcd", facts.unit.in_words()),
        ("etcd's data", list(facts.datadirs.keys(), Clone::clone)),
        ("etcd's file", file(facts.settings.as_ref())),
        ("initialize key", list(initialize(facts), |value| value)),
    ]
}

/// What the endpoints tell of the key, each value once.
fn initialize(facts: &EtcdFacts) -> Vec<String> {
    let keys = facts.endpoints.values().flat_map(|it| [("v2", &it.v2), ("v3", &it.v3)]);
    let told = keys.filter_map(|(store, keys)| {
        let value = keys.agreed.told().or_else(|| keys.own.told())?.initialize.as_ref()?;
        Some(match value {
            Initialize::InProgress => format!("{store}: in progress"),
            Initialize::By(id) => format!("{store}: {id}"),
            Initialize::Other(text) => format!("{store}: {text}"),
        })
    });
    let mut told: Vec<_> = told.collect();
    told.sort();
    told.dedup();
    told
}
