//! What the expressions of alerts are made from: one cluster's series, and values from its inventory.

use std::collections::BTreeMap;

use super::job::Job;
use super::promql::{any_of, equals};
use super::severity::Severity;
use super::targets::{Target, list};
use crate::galera::inventory::{Inventory, Threshold, Thresholds};

/// Where MariaDB keeps its data when the inventory does not say: Debian's own.
const USUAL_DATADIR: &str = "/var/lib/mysql";

/// One cluster.
pub struct Scope<'a> {
    inventory: &'a Inventory,
}

impl<'a> Scope<'a> {
    pub fn new(inventory: &'a Inventory) -> Self {
        Self { inventory }
    }

    /// The series of this name from one kind of exporter: `up{cluster="shop",job="node"}`.
    pub fn of(&self, job: Job, metric: &str) -> String {
        self.with(job, metric, &[])
    }

    /// The same, with more matchers.
    pub fn with(&self, job: Job, metric: &str, matchers: &[String]) -> String {
        let own = [equals("cluster", self.inventory.cluster.as_str()), equals("job", job.name())];
        let all: Vec<_> = own.iter().chain(matchers).cloned().collect();
        format!("{metric}{{{}}}", all.join(","))
    }

    /// A status variable of the data nodes, without its `wsrep_`.
    pub fn wsrep(&self, variable: &str) -> String {
        self.status(&format!("wsrep_{variable}"))
    }

    /// A status variable of the data nodes.
    pub fn status(&self, variable: &str) -> String {
        self.of(Job::Mysqld, &format!("mysql_global_status_{variable}"))
    }

    /// PromQL: 1 for each data node that is in a Primary component, and no value for others.
    pub fn primary(&self) -> String {
        format!("{} == 1", self.wsrep("cluster_status"))
    }

    /// PromQL: `series`, of the nodes in a Primary component alone.
    pub fn of_primary(&self, series: &str) -> String {
        format!("({series} and on (cluster, node) {})", self.primary())
    }

    /// PromQL: the size of the largest Primary component.
    pub fn size(&self) -> String {
        format!("max by (cluster) {}", self.of_primary(&self.wsrep("cluster_size")))
    }

    /// Members that vote, as the inventory has them.
    pub fn declared(&self) -> usize {
        self.inventory.size()
    }

    /// One of the inventory's limits, for this severity.
    pub fn limit(&self, of: fn(&Thresholds) -> Threshold, severity: Severity) -> f64 {
        let limits = of(&self.inventory.thresholds);
        match severity {
            Severity::Warning => limits.warn,
            Severity::Critical => limits.critical,
        }
    }

    /// Seconds that a node may be away for.
    pub fn ist_window(&self) -> u64 {
        self.inventory.thresholds.ist_window
    }

    /// Bytes of the write-set cache, with the nodes that have one of this size. A node is left out whose cache lies
    /// elsewhere, or has a size that cannot be read.
    pub fn caches(&self) -> BTreeMap<u64, Vec<String>> {
        let mut caches = BTreeMap::<_, Vec<_>>::new();
        for node in self.inventory.nodes.iter().filter(|node| node.gcache_bytes() > 0) {
            caches.entry(node.gcache_bytes()).or_default().push(node.name.to_string());
        }
        caches
    }

    /// Some proxies are HAProxy, and tell how they are.
    pub fn has_haproxy(&self) -> bool {
        self.targets().iter().any(|target| target.job == Job::Haproxy)
    }

    pub fn targets(&self) -> Vec<Target> {
        list(self.inventory)
    }

    /// The matchers of one target.
    pub fn only(&self, target: &Target) -> String {
        self.with(target.job, "up", &[equals("node", target.node.as_str())])
    }

    /// Matches every place at which the file system of the data may be mounted: the data directory and those above it.
    pub fn mounts_of_data(&self) -> String {
        let datadir = self.inventory.host.datadir.as_deref().unwrap_or(USUAL_DATADIR);
        let datadir = datadir.trim_end_matches('/');
        let above = datadir.match_indices('/').skip(1).map(|(at, _)| datadir[..at].to_owned());
        let mut places: Vec<_> = ["/".to_owned()].into_iter().chain(above).collect();
        places.extend(Some(datadir.to_owned()).filter(|it| !it.is_empty()));
        any_of("mountpoint", &places)
    }
}
