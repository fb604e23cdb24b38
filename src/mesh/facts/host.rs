//! The facts of one host.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::{ApplyError, Database, Live};
use crate::kernel::facts::{Answer, ConfigFile, Machine, UnitFacts};
use crate::kernel::model::NodeName;
use crate::mesh::model::DatabaseName;
use crate::postgresql::Major;
use crate::postgresql::packages::Package;

/// Everything that one look at a node tells.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct HostFacts {
    #[serde(flatten)]
    pub machine: Machine,
    /// Packages that matter, by their names.
    pub packages: BTreeMap<String, Package>,
    /// The unit of Debian's cluster `main`.
    pub unit: UnitFacts,
    /// Debian's own list of its clusters, a line each: `17 main 5432 online postgres /var/lib/…`.
    pub clusters: Vec<String>,
    pub datadir: Datadir,
    /// The server at the inventory's port, asked over its socket as `postgres`.
    pub server: Answer<Box<Live>>,
    /// The inventory's databases, as far as the server has them.
    pub databases: BTreeMap<DatabaseName, Answer<Database>>,
    /// galactl's own file of settings.
    pub settings: Option<ConfigFile>,
    /// postgresql.conf ends with the line that reads it.
    pub included: bool,
    /// galactl's lines of pg_hba.conf.
    pub access: Vec<String>,
    /// The file with the mesh's password, which is replaced.
    pub password: Option<ConfigFile>,
    #[serde(default)]
    pub boot: Boot,
    /// The newest error of each worker that applies changes of another node.
    #[serde(default)]
    pub apply_errors: Vec<ApplyError>,
    /// The settings were written after the server had read them for the last time.
    pub stale: bool,
}

/// What becomes of the server at a boot, and what keeps its clock right.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Boot {
    /// The word in Debian's start.conf: auto, manual, disabled.
    pub cluster: Option<String>,
    /// Whether postgresql.service is enabled, as systemd says it.
    pub unit: Option<String>,
    /// `yes` or `no`: the clock is kept right; `container`: it is another machine's.
    pub time: Option<String>,
    /// When galactl.conf was written, in seconds since 1970.
    pub settings_written: Option<f64>,
}

/// The data directory of Debian's cluster `main`.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Datadir {
    /// It holds a cluster (PG_VERSION).
    pub exists: bool,
    /// Databases and relations in it that a user has made. Their numbers are 16384 and more; PostgreSQL's own are less
    /// (`FirstNormalObjectId`).
    pub of_users: u64,
    /// A node that has copied it, and has not become a member yet.
    pub joining: Option<String>,
    /// Tablespaces outside of it.
    pub tablespaces: u64,
    /// What keeps it from being seen.
    pub unseen: Option<String>,
    /// Bytes that are free on its file system.
    pub free: u64,
    /// Bytes of its file system.
    #[serde(default)]
    pub size: Option<u64>,
}

impl Datadir {
    /// Nobody's data are in it.
    pub fn is_blank(&self) -> bool {
        self.unseen.is_none() && (!self.exists || self.of_users == 0 && self.tablespaces == 0)
    }
}

impl HostFacts {
    /// The installed version of a package.
    pub fn installed(&self, package: &str) -> Option<&str> {
        self.packages.get(package)?.installed.as_deref()
    }

    /// The major version of Debian's release.
    ///
    /// Errors: why it is none that galactl sets up.
    pub fn major(&self) -> Result<Major, String> {
        let system = &self.machine.os;
        let release = system.strip_prefix("debian ").and_then(|release| release.parse().ok());
        release.and_then(Major::of_debian).ok_or_else(|| format!("it has {system}"))
    }

    pub fn live(&self) -> Option<&Live> {
        self.server.told().map(AsRef::as_ref)
    }

    /// Somebody may be at work on the data.
    pub fn server_runs(&self) -> bool {
        self.unit.is_up() || !self.server.is_nobody()
    }

    /// Debian knows the cluster `main` of this version.
    pub fn has_cluster(&self, major: Major) -> bool {
        self.clusters.iter().any(|line| {
            let mut words = line.split_whitespace();
            words.next() == Some(&major.to_string()) && words.next() == Some("main")
        })
    }

    /// Where Debian's cluster `main` of this version has its data.
    pub fn data_directory(&self, major: Major) -> Option<&str> {
        let is_main = |line: &&String| {
            let mut words = line.split_whitespace();
            words.next() == Some(&major.to_string()) && words.next() == Some("main")
        };
        let of_debian = self.clusters.iter().find(is_main).and_then(|line| line.split_whitespace().nth(5));
        self.live().and_then(|live| live.settings.get("data_directory")).map(String::as_str).or(of_debian)
    }

    /// What a database of the inventory is like here.
    pub fn database(&self, name: &DatabaseName) -> Option<&Database> {
        self.databases.get(name)?.told()
    }

    /// The node is a member of this mesh in all these databases, and not a copy that is still to become one.
    pub fn is_member(&self, node: &NodeName, mesh: &str, databases: &[&DatabaseName]) -> bool {
        let has_it = |name: &&DatabaseName| {
            self.database(name).is_some_and(|it| it.member(node).is_some_and(|member| member.mesh == mesh))
        };
        self.datadir.joining.is_none() && databases.iter().all(has_it)
    }
}
