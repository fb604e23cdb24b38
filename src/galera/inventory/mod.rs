//! The inventory: the one file that describes a cluster.
//!
//! bytes → `text` → `document` (YAML with places) → `sections` (shapes, `raw`) → `resolve`
//! (defaults applied, every value valid by type) → `lint` (what is legal but unwise).

mod accept;
mod endpoint;
mod lint;
mod lists;
mod note_codes;
mod one_host;
pub mod options;
mod ports;
mod raw;
mod raw_node;
mod resolve;
mod sections;
mod tls;

use std::collections::BTreeSet;

use schemars::JsonSchema;
use serde::Deserialize;

use super::endpoint::Endpoint;
use super::model::{Flavour, SstMethod};
use super::monitoring::Monitoring;
use super::proxy::proxysql::Proxysql;
use super::tls::Tls;
use crate::kernel::inventory::document::Document;
use crate::kernel::inventory::note::{self, Note};
use crate::kernel::inventory::{Hosts, Placement, Settings, SshFiles, SshTarget, entry};
use crate::kernel::inventory::{engine, parsing};
use crate::kernel::lint::Acceptance;
use crate::kernel::model::{Address, ClusterName, HostName, NodeName, SecretRef, UnitName, UserName};

pub use endpoint::is_a_nodes;
pub use resolve::DEFAULT_GCACHE;

/// What an inventory calls the engine.
pub const ENGINE: &str = "galera";
/// The name of a data node's role, in ids of steps and fingerprints.
pub const ROLE: &str = "galera";
/// Bytes; what `model::escape` allows for a value, less a margin.
const LONGEST_ADDRESS_LIST: usize = 3400;
/// Bytes; MariaDB's own default.
const USUAL_BUFFER_POOL: u64 = 128 << 20;

pub use lint::{even_votes, strange_donors};
pub use lists::{Arbitrator, Beside, Listed, Proxy};
pub use note_codes::NOTE_CODES;

/// A cluster as its inventory describes it, with every default applied.
#[derive(Debug, Clone)]
pub struct Inventory {
    pub cluster: ClusterName,
    pub flavour: Flavour,
    pub seed: NodeName,
    pub install: bool,
    pub ssh: SshFiles,
    pub sst: Sst,
    pub join: JoinOrder,
    pub host: HostLayout,
    pub thresholds: Thresholds,
    /// Codes of warnings that are not shown again.
    pub accepted: BTreeSet<String>,
    /// What applications connect to, where galactl sets it up.
    pub endpoint: Option<Endpoint>,
    /// What the proxies of the kind `proxysql` share, where there is one.
    pub proxysql: Option<Proxysql>,
    /// Who watches the cluster, where the inventory says so.
    pub monitoring: Option<Monitoring>,
    /// What is encrypted, where the inventory says so.
    pub tls: Option<Tls>,
    /// Findings in schemas that are not told again.
    pub lint_accepts: Vec<Acceptance>,
    /// Each node looks for its cluster at one other node, the first of these, because one that takes clear text and TLS
    /// reads TLS for clear text where it connects to several at once, itself among them. Usually there are none, and
    /// each looks at all.
    pub doors: Vec<NodeName>,
    /// In start order; at least one, names and addresses unique.
    pub nodes: Vec<Node>,
    pub beside: Beside,
}

/// State Snapshot Transfer.
#[derive(Debug, Clone)]
pub struct Sst {
    pub method: SstMethod,
    pub user: UserName,
    pub password: SecretRef,
    pub options: Settings,
}

/// How many nodes join at once.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum JoinOrder {
    /// One after the other, strictly in the order of the inventory.
    #[default]
    Serial,
    /// As many at once as there are free donors.
    Waves,
}

/// Where things are on the hosts; `None` where the host is asked.
#[derive(Debug, Clone)]
pub struct HostLayout {
    pub unit: UnitName,
    pub config_file: String,
    pub datadir: Option<String>,
    pub socket: Option<String>,
    pub provider: Option<String>,
}

impl HostLayout {
    /// Where a server has its socket that is not asked: where the inventory says, or where Debian has it.
    pub fn unasked_socket(&self) -> &str {
        self.socket.as_deref().unwrap_or("/run/mysqld/mysqld.sock")
    }
}

/// From where on something is degraded, and from where on critical. The defaults are those of the
/// usual dashboards (Codership's and Percona's monitoring pages, dbwatch).
#[derive(Debug, Clone, Copy)]
pub struct Thresholds {
    pub flow_control: Threshold,
    pub receive_queue: Threshold,
    pub send_queue: Threshold,
    /// Seconds that a node may be away for, and is to come back by IST.
    pub ist_window: u64,
}

/// Two limits.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Threshold {
    pub warn: f64,
    pub critical: f64,
}

impl Default for Thresholds {
    fn default() -> Self {
        let queue = Threshold { warn: 20.0, critical: 100.0 };
        Self {
            flow_control: Threshold { warn: 0.1, critical: 0.3 },
            receive_queue: queue,
            send_queue: queue,
            ist_window: 1800,
        }
    }
}

/// A data node.
#[derive(Debug, Clone)]
pub struct Node {
    pub name: NodeName,
    pub address: Address,
    pub host: HostName,
    pub ssh: SshTarget,
    /// The cluster's settings with the node's own over them.
    pub mysqld: Settings,
    /// The cluster's options with the node's own over them; `gmcast.segment` and `gcache.size`
    /// are always there.
    pub provider_options: Settings,
}

entry!(Node, ROLE);

impl Node {
    /// Nodes of one site share a number (gmcast.segment).
    pub fn segment(&self) -> u8 {
        self.provider_options.get("gmcast.segment").and_then(|segment| segment.parse().ok()).unwrap_or(0)
    }

    /// Bytes that the write-set cache takes in the data directory; 0 where it lies elsewhere, or
    /// where its size is not one that can be read.
    pub fn gcache_bytes(&self) -> u64 {
        if self.provider_options.contains_key("gcache.dir") {
            return 0;
        }
        self.provider_options.get("gcache.size").and_then(|size| size_in_bytes(size)).unwrap_or(0)
    }

    /// Bytes of memory that InnoDB's buffer pool takes.
    pub fn buffer_pool_bytes(&self) -> u64 {
        let size = self.mysqld.get("innodb_buffer_pool_size").and_then(|size| size_in_bytes(size));
        size.unwrap_or(USUAL_BUFFER_POOL)
    }
}

/// A size as option files spell it: `512M`, `4g`, `1073741824`.
pub fn size_in_bytes(size: &str) -> Option<u64> {
    let digits = size.trim_end_matches(['k', 'K', 'm', 'M', 'g', 'G', 't', 'T']);
    let shift = match size[digits.len()..].to_ascii_uppercase().as_str() {
        "K" => 10,
        "M" => 20,
        "G" => 30,
        "T" => 40,
        _ => 0,
    };
    Some(digits.parse::<u64>().ok()?.saturating_mul(1 << shift))
}

impl Inventory {
    pub fn node(&self, name: &NodeName) -> Option<&Node> {
        self.nodes.iter().find(|node| &node.name == name)
    }

    /// The cluster as it is to be once these nodes are out of the inventory. A seed among them is
    /// followed by the first node that stays.
    pub fn without(&self, names: &[NodeName]) -> Self {
        let mut rest = self.clone();
        rest.nodes.retain(|node| !names.contains(&node.name));
        if let Some(first) = rest.nodes.first().filter(|_| names.contains(&self.seed)) {
            rest.seed = first.name.clone();
        }
        rest
    }

    /// The machines on which the members run.
    pub fn hosts(&self) -> Hosts {
        Hosts::new(self.ssh.clone(), self.entries().iter().map(|it| it.entry))
    }

    /// The host and the role of a data node.
    pub fn placement(&self, name: &NodeName) -> Placement {
        let host = self.node(name).map_or_else(|| HostName::from(name), |node| node.host.clone());
        Placement { member: name.clone(), host, role: ROLE }
    }

    /// The seed first, then the others in start order.
    pub fn start_order(&self) -> impl Iterator<Item = &Node> {
        let seed = self.nodes.iter().filter(|node| node.name == self.seed);
        seed.chain(self.nodes.iter().filter(|node| node.name != self.seed))
    }

    /// `wsrep_cluster_size` of the whole cluster: every member that votes.
    pub fn size(&self) -> usize {
        self.entries().iter().filter(|it| it.role.votes()).count()
    }

    /// `wsrep_cluster_address`: every data node, on every node alike. Of a cluster too large for one
    /// line of an option file, the first nodes that fit: a joiner needs to reach just one.
    pub fn cluster_address(&self) -> String {
        address_list(self.nodes.iter())
    }

    /// The same for one node, where nodes are to look for one other node only.
    pub fn cluster_address_of(&self, node: &NodeName) -> String {
        let door = self.doors.iter().find(|other| *other != node);
        match door.and_then(|door| self.node(door)) {
            Some(door) => address_list(std::iter::once(door)),
            None => self.cluster_address(),
        }
    }
}

fn address_list<'a>(nodes: impl Iterator<Item = &'a Node>) -> String {
    let mut list = String::from("gcomm://");
    for (index, node) in nodes.enumerate() {
        let address = node.address_for_peers();
        if list.len() + address.len() >= LONGEST_ADDRESS_LIST {
            break;
        }
        list += if index == 0 { "" } else { "," };
        list += &address;
    }
    list
}

/// Reads an inventory. Errors come all together and located; `Ok` carries warnings and hints.
pub fn parse(bytes: &[u8]) -> Result<(Inventory, Vec<Note>), Vec<Note>> {
    parse_and(bytes, |_| Vec::new())
}

/// [`parse`], with the notes that `more` makes about the values as they are written.
pub fn parse_and(
    bytes: &[u8],
    more: impl FnOnce(&serde_yaml::Value) -> Vec<Note>,
) -> Result<(Inventory, Vec<Note>), Vec<Note>> {
    parsing::parse(bytes, read, |inventory: &Inventory| &inventory.accepted, more)
}

/// Goes on after an error, as long as later errors are not mere consequences of it.
fn read(document: &Document) -> (Option<Inventory>, Vec<Note>) {
    if let Some(note) = engine::check(&document.value, ENGINE, crate::ENGINES) {
        return (None, vec![note]);
    }
    let (raw, mut notes) = sections::read(&document.value);
    let Some(raw) = raw else { return (None, notes) };
    let all_read = notes.is_empty();
    let (inventory, wrong) = resolve::resolve(&raw);
    notes.extend(wrong);
    if let Some(inventory) = inventory.as_ref().filter(|_| all_read) {
        notes.extend(lint::lint(inventory, &raw));
    }
    if note::any_error(&notes) {
        notes.retain(|note| note.severity == note::Severity::Error);
    }
    (inventory, notes)
}

/// The JSON Schema of an inventory, for editors.
pub fn schema() -> schemars::Schema {
    schemars::schema_for!(raw::RawInventory)
}
