//! The facts of one host.

use std::collections::{BTreeMap, BTreeSet};
use std::net::IpAddr;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::bootstrap_record::{BootstrapRecord, Passed};
use super::grastate::Grastate;
use super::gvwstate::Gvwstate;
use super::live::{Live, ServerAnswer};
use super::next_start::NextStart;
use super::peer_address::PeerAddress;
use super::removal::Removal;
use super::room::Room;
use super::start::ServerStart;
use super::variable::Variable;
use crate::galera::model::Service;
use crate::kernel::facts::{ConfigFile, Machine, UnitFacts};
use crate::kernel::model::{ServerVersion, with_port, without_port};

/// Everything that one look at a host tells.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct HostFacts {
    #[serde(flatten)]
    pub machine: Machine,
    /// The profile that AppArmor enforces on the server.
    #[serde(default)]
    pub apparmor: Option<String>,
    /// Installed packages that matter, with their versions.
    pub packages: BTreeMap<String, String>,
    /// The version of mariadb-server that apt would install, where none is installed.
    pub candidate: Option<ServerVersion>,
    /// The installed server.
    pub server: Option<ServerVersion>,
    pub unit: UnitFacts,
    /// Pids of server processes, the unit's own among them.
    pub processes: Vec<u32>,
    /// Armed bootstrap intents: the next start of this host's server would found a cluster.
    pub intents: Vec<Intent>,
    pub tools: BTreeSet<String>,
    /// Provider libraries that exist, in order of preference.
    pub providers: Vec<String>,
    pub socket: String,
    pub datadir: Datadir,
    /// The option file that galactl owns.
    pub config: Option<ConfigFile>,
    /// What the server takes from its option files, the last value of each option; secrets are left
    /// out, and in `wsrep_sst_auth` replaced.
    pub options: BTreeMap<String, String>,
    /// Names of `options` that the files set with `loose_` before them: a server that does not know one starts all
    /// the same.
    #[serde(default)]
    pub loose: BTreeSet<String>,
    /// Values of `wsrep_provider_options` in the files that a later one takes the place of. The server takes the last
    /// one whole, and adds nothing up.
    #[serde(default)]
    pub void_provider_options: Vec<String>,
    /// As `options`: what the SST scripts take from their own section.
    #[serde(default)]
    pub sst_options: BTreeMap<String, String>,
    /// Option files that set something of the cluster, galactl's not counted.
    #[serde(default)]
    pub wsrep_files: Vec<String>,
    /// Options in files beside galactl's that are read after it, in that order.
    pub later_options: Vec<LaterOption>,
    pub server_answer: ServerAnswer,
    /// Addresses with which the host has connections for group communication; `None` where it does not tell.
    #[serde(default)]
    pub group_peers: Option<BTreeSet<IpAddr>>,
    /// Of the options that the inventory sets, those that the running server takes without a restart.
    #[serde(default)]
    pub changeable: BTreeMap<String, Variable>,
    /// Privileges of the SST account, empty when there is none or it could not be asked for.
    pub sst_grants: Vec<String>,
    /// Peers whose name the host took more than a second to look up, with milliseconds.
    pub slow_lookups: BTreeMap<String, u64>,
    /// galactl's own record of a cluster that it bootstrapped here.
    #[serde(default, alias = "founding")]
    pub bootstrap_record: Option<BootstrapRecord>,
    /// galactl's own record of having taken this node out of its cluster.
    #[serde(default)]
    pub removal: Option<Removal>,
    /// Restarts of its cluster's history that galactl has seen this node go through.
    #[serde(default)]
    pub passed: Vec<Passed>,
    /// The running server's command line.
    #[serde(default)]
    pub start: Option<ServerStart>,
    /// Of a stopped server that could be asked.
    #[serde(default)]
    pub next_start: Option<NextStart>,
    /// When the server last ran outside its cluster, of runs since grastate.dat was written: its data has moved
    /// since, and its position has not. `2026-11-28 14:56:05`, the host's time.
    #[serde(default)]
    pub outside_run: Option<String>,
    /// Where a change writes.
    #[serde(default)]
    pub room: Vec<Room>,
    /// Whom its files and its server count among the cluster.
    #[serde(default)]
    pub peers: Vec<PeerAddress>,
}

/// A place that tells the next start to bootstrap.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Intent {
    /// A variable in systemd's environment.
    Environment(String),
    /// A file in /run.
    File(String),
    /// An option in a configuration file. galactl does not edit files that are not its own.
    Option(String),
}

impl std::fmt::Display for Intent {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Environment(variable) => write!(f, "{variable} in systemd's environment"),
            Self::File(path) => write!(f, "{path}"),
            Self::Option(option) => write!(f, "{option} in an option file"),
        }
    }
}

/// The server's data directory.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[allow(clippy::struct_excessive_bools, reason = "each is a fact of its own")]
pub struct Datadir {
    pub path: String,
    pub exists: bool,
    /// It is a file system of its own.
    #[serde(default)]
    pub mount_point: bool,
    /// It holds the system tables.
    pub initialised: bool,
    /// Of one without system tables: why what it holds may not be there to be seen. A file system that
    /// is not mounted, or an error in reading it.
    #[serde(default)]
    pub missing: Option<String>,
    /// Apparent size in bytes, the write-set cache not counted.
    pub bytes: u64,
    /// Size of the write-set cache's file, galera.cache; 0 where there is none.
    pub cache: u64,
    /// Free bytes on its file system.
    pub free: u64,
    /// Databases that are not the server's own.
    pub schemas: Vec<Schema>,
    /// Databases of write tests that did not come to their end.
    pub write_tests: Vec<String>,
    /// Databases in which a change of a table is tried, or was.
    #[serde(default)]
    pub tried_changes: Vec<String>,
    pub grastate: Grastate,
    /// Seconds since grastate.dat was last written.
    #[serde(default)]
    pub grastate_age: Option<u64>,
    /// grastate.dat says that a cluster may be started from here, and is newer than the data:
    /// somebody has edited it.
    #[serde(default)]
    pub grastate_edited: bool,
    pub gvwstate: Gvwstate,
    /// Data directories that a recovery has kept beside this one.
    #[serde(default)]
    pub kept: Vec<String>,
    /// Files that an unfinished state transfer leaves.
    pub sst_leftovers: Vec<String>,
}

/// A user's database.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Schema {
    pub name: String,
    pub bytes: u64,
}

/// An option of a file that is not galactl's; a secret has no value.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct LaterOption {
    pub file: String,
    /// With `_`, and without a prefix such as `loose_`.
    pub name: String,
    pub value: String,
}

impl Datadir {
    /// Files that only a joiner's state transfer makes speak of one that did not finish; or there are
    /// traces of a cluster, and not even system tables; or grastate.dat is empty, as rsync's script leaves it when it
    /// is stopped, and there is no database of anybody.
    pub fn is_left_by_transfer(&self) -> bool {
        let traces = self.joiners_leftovers().next().is_some();
        let emptied = self.gvwstate.is_there() && !self.initialised && self.schemas.is_empty();
        let stopped = self.grastate == Grastate::Empty && self.schemas.is_empty();
        self.grastate.known_uuid().is_none() && (traces || emptied || stopped)
    }
}

impl Datadir {
    /// Nothing of a server or of a cluster is in it.
    pub fn is_blank(&self) -> bool {
        let traces = self.gvwstate.is_there() || self.joiners_leftovers().next().is_some();
        !self.initialised && !traces && matches!(self.grastate, Grastate::Absent | Grastate::Empty)
    }

    /// Files that the state transfer of a joiner leaves. A donor's process file is none of them: a
    /// donor's data is whole.
    pub fn joiners_leftovers(&self) -> impl Iterator<Item = &str> {
        const JOINERS_OWN: [&str; 3] = ["sst_in_progress", ".sst", "rsync_sst.pid"];
        self.sst_leftovers.iter().map(String::as_str).filter(|file| JOINERS_OWN.contains(file))
    }
}

impl HostFacts {
    pub fn live(&self) -> Option<&Live> {
        match &self.server_answer {
            ServerAnswer::Live(live) => Some(live),
            _ => None,
        }
    }

    /// A server process exists or may exist at any moment.
    pub fn server_runs(&self) -> bool {
        self.unit.is_up() || !self.processes.is_empty() || self.live().is_some()
    }

    /// What its option files make the server do. Where they do not say who it is, a running one has
    /// found that out by itself. A port of the node's address is the provider's `base_port`
    /// (galera/src/replicator_smm_params.cpp), and told as that.
    pub fn in_effect(&self) -> BTreeMap<String, String> {
        let mut options = self.options.clone();
        options.retain(|name, value| name != "wsrep_node_address" || !value.is_empty());
        let own = |member: &&String| member.parse().is_ok_and(|ip| self.machine.addresses.contains(&ip));
        if let Some(live) = self.live() {
            let peers = peers_in(options.get("wsrep_cluster_address").map_or("", String::as_str));
            let found = [
                ("wsrep_node_name", Some(&live.node_name)),
                ("wsrep_cluster_name", Some(&live.cluster_name)),
                ("wsrep_node_address", live.members.iter().chain(&peers).find(own)),
            ];
            for (name, value) in found {
                if let Some(value) = value {
                    options.entry(name.into()).or_insert_with(|| value.clone());
                }
            }
        }
        name_base_port(&mut options);
        options
    }

    /// The server says that it is in a Primary component.
    pub fn is_primary(&self) -> bool {
        self.live().is_some_and(Live::is_primary)
    }

    /// A server runs that has nothing to do with any cluster, and never had.
    pub fn is_standalone(&self) -> bool {
        let traces = self.datadir.grastate != Grastate::Absent || self.datadir.gvwstate.is_there();
        !traces && self.live().is_some_and(|live| !live.wsrep_on)
    }

    /// Why the host may have data that is not there to be seen. galactl's records are not in the data
    /// directory; a host that was replaced has none.
    pub fn missing_data(&self) -> Option<String> {
        if let Some(why) = self.datadir.missing.as_ref().filter(|_| !self.datadir.initialised) {
            return Some(why.clone());
        }
        // A bootstrap that was cut off may have come to nothing.
        let record = self.bootstrap_record.as_ref();
        let bootstrapped = record.is_some_and(|it| it.state_uuid.is_some() || it.recovered.is_some());
        (self.datadir.is_blank() && (bootstrapped || !self.passed.is_empty())).then(|| {
            format!("{} is empty, and galactl's records on it say that it was a member", self.datadir.path)
        })
    }

    /// galactl took it out of its cluster, and nobody has let its unit start again since.
    pub fn removed(&self) -> Option<&Removal> {
        self.removal.as_ref().filter(|_| self.unit.is_masked())
    }

    /// The version that runs or will run here.
    pub fn version(&self) -> Option<ServerVersion> {
        self.server.or(self.candidate)
    }
}

/// The addresses in `gcomm://10.0.0.11:4567,db2?pc.wait_prim=no`, without their ports.
pub fn peers_in(address_list: &str) -> Vec<String> {
    let list = address_list.strip_prefix("gcomm://").unwrap_or_default();
    let list = list.split('?').next().unwrap_or_default();
    let peers = list.split(',').map(str::trim).filter(|peer| !peer.is_empty());
    peers.map(|peer| without_port(peer).to_owned()).collect()
}

/// `wsrep_node_address = A:P` → `A`, and `base_port = P` among the provider's options.
fn name_base_port(options: &mut BTreeMap<String, String>) {
    let Some(address) = options.get_mut("wsrep_node_address") else { return };
    let Some((bare, port)) = with_port(address) else { return };
    *address = bare;
    let provider = options.entry("wsrep_provider_options".into()).or_default();
    // What the options say of it comes later, and wins.
    if port != Service::GroupCommunication.usual_port() && !provider.contains("base_port") {
        *provider = format!("base_port={port};{provider}");
    }
}
