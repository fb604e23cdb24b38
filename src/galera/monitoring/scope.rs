//! What the expressions of alerts are made from: one cluster's series, and values from its inventory.

use std::collections::BTreeMap;

use super::job::Job;
use super::names::series_file;
use super::promql::{any_of, equals, quoted};
use super::severity::Severity;
use super::targets::{Target, list};
use crate::galera::inventory::{Inventory, Threshold, Thresholds};
use crate::galera::proxy::haproxy::settings::NODE_BACKEND;

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
        let all: Vec<_> = [equals("job", job.name())].iter().chain(matchers).cloned().collect();
        self.of_cluster(metric, &all)
    }

    /// The cluster's series of this name, whoever tells them.
    pub fn of_cluster(&self, metric: &str, matchers: &[String]) -> String {
        // Grafana puts a value where it finds the name of a variable, also in a text: `$node`, `[[node]]`.
        let name = equals("cluster", self.inventory.cluster.as_str());
        let name = name.replace('$', "\\x24").replace("[[", "\\x5b[");
        let all: Vec<_> = [name].iter().chain(matchers).cloned().collect();
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

    /// Limits of the inventory.
    pub fn limits(&self, of: fn(&Thresholds) -> Threshold) -> Threshold {
        of(&self.inventory.thresholds)
    }

    /// One of them, for this severity.
    pub fn limit(&self, of: fn(&Thresholds) -> Threshold, severity: Severity) -> f64 {
        let limits = self.limits(of);
        match severity {
            Severity::Warning => limits.warn,
            Severity::Critical => limits.critical,
        }
    }

    /// The name of the file into which a timer writes what `galactl status` tells.
    pub fn file_of_series(&self) -> String {
        series_file(self.inventory)
    }

    /// How many days before its end a certificate is renewed; `None` where there are none.
    pub fn renew_before_days(&self) -> Option<u32> {
        self.inventory.tls.as_ref().map(|tls| tls.renew_before_days)
    }

    /// Seconds that a node may be away for.
    pub fn ist_window(&self) -> u64 {
        self.inventory.thresholds.ist_window
    }

    /// PromQL: for how many seconds the caches keep the writes of the last half hour; an expression for each size of a
    /// cache. They use the sizes in the inventory: a cache that is not full yet reaches back less far, and the exporter
    /// takes some spellings of a size for 0.
    pub fn ist_windows(&self) -> impl Iterator<Item = String> {
        self.caches().into_iter().map(|(bytes, nodes)| {
            let rate = |variable: &str| {
                let series = format!("mysql_global_status_wsrep_{variable}");
                format!("rate({}[30m])", self.with(Job::Mysqld, &series, &[any_of("node", &nodes)]))
            };
            format!("{bytes} / ({}\n  + {})", rate("replicated_bytes"), rate("received_bytes"))
        })
    }

    /// Bytes of the write-set cache, with the nodes that have one of this size. A node is left out whose cache lies
    /// elsewhere, or has a size that cannot be read.
    fn caches(&self) -> BTreeMap<u64, Vec<String>> {
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

    /// Series of each node as each HAProxy sees it: 1 where it gets new clients.
    ///
    /// HAProxy 2.2 has one series for a server, with 1 for UP; later ones have a series for each state.
    pub fn servers_of_proxies(&self, matchers: &[String]) -> String {
        let backends = format!("proxy=~{}", quoted(&format!("{NODE_BACKEND}.+")));
        let all: Vec<_> = [backends, "state=~\"|UP\"".into()].iter().chain(matchers).cloned().collect();
        self.with(Job::Haproxy, "haproxy_server_status", &all)
    }

    pub fn targets(&self) -> Vec<Target> {
        list(self.inventory)
    }

    /// The matchers of one target.
    pub fn only(&self, target: &Target) -> String {
        self.with(target.job, "up", &[equals("node", target.node.as_str())])
    }

    /// Series of the file systems: of all that are no memory, and of whatever holds the data.
    pub fn disks(&self, metric: &str, matchers: &[String]) -> [String; 2] {
        ["fstype!~\"tmpfs|ramfs\"".to_owned(), self.mounts_of_data()].map(|which| {
            let all: Vec<_> = [which].iter().chain(matchers).cloned().collect();
            self.with(Job::Node, metric, &all)
        })
    }

    /// Matches every place at which the file system of the data may be mounted: the data directory and those above it.
    fn mounts_of_data(&self) -> String {
        let datadir = self.inventory.host.datadir.as_deref().unwrap_or(USUAL_DATADIR);
        let datadir = datadir.trim_end_matches('/');
        let above = datadir.match_indices('/').skip(1).map(|(at, _)| datadir[..at].to_owned());
        let mut places: Vec<_> = ["/".to_owned()].into_iter().chain(above).collect();
        places.extend(Some(datadir.to_owned()).filter(|it| !it.is_empty()));
        any_of("mountpoint", &places)
    }
}
