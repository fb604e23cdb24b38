//! The facts of one host.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::datadir::{Contents, Datadir};
use super::etcd::EtcdFacts;
use super::line::Line;
use super::patroni::PatroniFacts;
use super::server::Live;
use crate::kernel::facts::Answer;
use crate::kernel::facts::{ConfigFile, Machine, UnitFacts};
use crate::postgresql::packages::Package;
use crate::postgresql::{SystemId, Timeline};

/// Everything that one look at a data node tells.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct HostFacts {
    #[serde(flatten)]
    pub machine: Machine,
    /// Packages that matter, by their names.
    pub packages: BTreeMap<String, Package>,
    /// By unit name: `patroni`, `etcd`, `postgresql`, and each loaded unit of `patroni@…` and `postgresql@…`.
    pub units: BTreeMap<String, UnitFacts>,
    /// Servers that run, whoever started them.
    pub servers: Vec<ServerProcess>,
    /// Processes of Patroni, in its unit or outside.
    pub patroni_processes: Vec<u32>,
    pub datadir: Datadir,
    /// Clusters that `pg_lsclusters` shows. Patroni's is not among them where it has no folder in
    /// /etc/postgresql.
    pub debian_clusters: Vec<DebianCluster>,
    /// Other data directories with PG_VERSION below /var/lib/postgresql.
    pub other_datadirs: Vec<String>,
    /// The server at the inventory's port, asked over its socket as `postgres`.
    pub server: Answer<Box<Live>>,
    pub patroni: PatroniFacts,
    pub etcd: EtcdFacts,
    /// `/etc/patroni/config.yml`, passwords replaced.
    pub config: Option<ConfigFile>,
    /// `/etc/postgresql-common/createcluster.conf`.
    pub createcluster: Option<ConfigFile>,
    /// Patroni was started before its file was written.
    pub stale: bool,
}

/// The host of an etcd member that is no data node.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct EtcdHostFacts {
    #[serde(flatten)]
    pub machine: Machine,
    pub packages: BTreeMap<String, Package>,
    pub etcd: EtcdFacts,
}

/// A postmaster.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ServerProcess {
    pub pid: u32,
    /// Its working directory, which is its data directory; empty where the host does not tell.
    pub datadir: String,
}

/// A line of `pg_lsclusters`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct DebianCluster {
    pub version: String,
    pub name: String,
    pub port: u16,
    /// online, down, `online,recovery` …
    pub status: String,
    pub owner: String,
    pub datadir: String,
}

impl HostFacts {
    pub fn unit(&self, name: &str) -> Option<&UnitFacts> {
        self.units.get(name)
    }

    /// The installed version of a package.
    pub fn installed(&self, package: &str) -> Option<&str> {
        self.packages.get(package)?.installed.as_deref()
    }

    pub fn live(&self) -> Option<&Live> {
        self.server.told().map(AsRef::as_ref)
    }

    /// A server works on this node's data directory, or answers at its port.
    pub fn server_runs(&self) -> bool {
        // One that is being made has not changed to its directory yet.
        let own =
            |server: &ServerProcess| ["", "/", self.datadir.path.as_str()].contains(&server.datadir.as_str());
        self.servers.iter().any(own) || !self.server.is_nobody()
    }

    /// Data that was kept aside beside the data directory, and that nobody uses: no server works there, and it is no cluster
    /// of Debian's.
    pub fn kept_aside(&self) -> impl Iterator<Item = &str> {
        let servers = self.servers.iter().map(|server| server.datadir.as_str());
        let clusters = self.debian_clusters.iter().map(|cluster| cluster.datadir.as_str());
        let used: Vec<_> = servers.chain(clusters).collect();
        let kept = self.datadir.kept.iter().map(String::as_str);
        kept.filter(move |kept| used.iter().all(|path| path.trim_end_matches('/') != *kept))
    }

    /// Patroni runs, or may be started at any moment.
    pub fn patroni_runs(&self) -> bool {
        let up = self.units.iter().any(|(name, unit)| name.starts_with("patroni") && unit.is_up());
        up || !self.patroni_processes.is_empty()
    }

    /// The cluster of Debian's tools that has this node's data directory.
    pub fn debian_cluster(&self) -> Option<&DebianCluster> {
        self.debian_clusters.iter().find(|cluster| cluster.datadir.trim_end_matches('/') == self.datadir.path)
    }

    /// The server says that it is no standby.
    pub fn is_primary(&self) -> bool {
        self.live().is_some_and(|live| !live.in_recovery)
    }

    /// The identity of this node's data, as the server or its data directory tells it.
    pub fn system_id(&self) -> Option<&SystemId> {
        self.live().map(|live| &live.system_id).or_else(|| self.datadir.system_id())
    }

    /// The history of this node's data, as far as one look tells: of a server that answers. Of a stopped one,
    /// `recover.sh` tells the end.
    pub fn line(&self) -> Option<Line> {
        let live = self.live()?;
        let timeline = self.timeline(live);
        Some(Line {
            system_id: live.system_id.clone(),
            timeline,
            history: self.datadir.history(timeline),
            first_records: self.datadir.first_records.clone(),
            end: live.end()?,
        })
    }

    /// The timeline of what this server has. A standby that receives nothing tells the one of its last restart point, and
    /// may have gone on to a newer one since: its files and its Patroni know that.
    pub fn timeline(&self, live: &Live) -> Timeline {
        if !live.in_recovery || live.receiver.as_ref().is_some_and(|it| it.received_timeline.is_some()) {
            return live.timeline;
        }
        let of_files = self.datadir.newest_wal.as_ref().map(|file| file.timeline);
        let of_patroni = self.patroni.node.told().and_then(|told| told.timeline);
        of_files.max(of_patroni).max(Some(live.timeline)).unwrap_or(live.timeline)
    }

    /// Data that belongs to nobody this inventory knows: clusters of Debian's own tools, and other directories.
    pub fn has_foreign_data(&self) -> bool {
        let foreign = |cluster: &DebianCluster| cluster.datadir != self.datadir.path;
        self.debian_clusters.iter().any(foreign) || !self.other_datadirs.is_empty()
    }

    /// Nothing of a cluster is or may be on this host: no data, no server, no Patroni at work.
    pub fn is_blank(&self) -> bool {
        self.datadir.is_blank() && !self.server_runs() && !self.patroni_runs()
    }

    /// Why the host may have data that was not seen.
    pub fn hidden(&self) -> Option<&str> {
        match &self.datadir.contents {
            Contents::Unreadable(why) => Some(why),
            Contents::Cluster(_) => self.datadir.control.unseen(),
            _ => self.datadir.missing.as_deref(),
        }
    }
}
