//! Whom Prometheus asks.

use serde::Serialize;

use super::job::Job;
use super::yaml;
use crate::galera::inventory::Inventory;
use crate::galera::proxy::Kind;
use crate::kernel::inventory::Entry;
use crate::kernel::model::NodeName;

/// One exporter of the cluster.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Target {
    pub job: Job,
    /// The member on whose host it runs; of several on one host, the first in the inventory.
    pub node: NodeName,
    /// Address and port.
    pub address: String,
}

impl Target {
    fn new(job: Job, entry: &dyn Entry) -> Self {
        let address = format!("{}:{}", entry.address().in_url(), job.port());
        Self { job, node: entry.name().clone(), address }
    }
}

/// All targets of a cluster, those of one kind together.
pub fn list(inventory: &Inventory) -> Vec<Target> {
    let entries = inventory.entries();
    let servers = inventory.nodes.iter().map(|node| Target::new(Job::Mysqld, node));
    // A host has the name of the first member on it.
    let first = entries.iter().filter(|it| it.entry.host().as_str() == it.entry.name().as_str());
    let hosts = first.map(|it| Target::new(Job::Node, it.entry));
    let tells = !inventory.proxies_asked_from().is_empty();
    let haproxies = inventory.proxies().iter().filter(|proxy| tells && proxy.kind == Kind::Haproxy);
    let proxies = haproxies.map(|proxy| Target::new(Job::Haproxy, proxy));
    servers.chain(hosts).chain(proxies).collect()
}

/// An entry of a file for `file_sd_configs`.
#[derive(Serialize)]
struct Group {
    targets: [String; 1],
    labels: Labels,
}

#[derive(Serialize)]
struct Labels {
    cluster: String,
    node: String,
    job: &'static str,
}

/// The targets as a file that Prometheus reads by `file_sd_configs`, and reads again when it changes.
pub fn targets(inventory: &Inventory) -> String {
    let list = list(inventory);
    let group = |target: &Target| Group {
        targets: [target.address.clone()],
        labels: Labels {
            cluster: inventory.cluster.to_string(),
            node: target.node.to_string(),
            job: target.job.name(),
        },
    };
    let groups: Vec<_> = list.iter().map(group).collect();
    yaml::text("The exporters of the cluster, for file_sd_configs.", &groups)
}
