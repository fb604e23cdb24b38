//! The inventory of a PostgreSQL cluster that Patroni keeps.
//!
//! bytes → `document` (YAML with places) → `sections` (shapes, `raw`) → `resolve` (defaults applied, every value valid
//! by type) → `lint` (what is legal but unwise).

mod etcd;
mod lint;
mod note_codes;
mod one_host;
mod raw;
mod releases;
mod resolve;
mod sections;
pub mod settings;
mod without;

use std::collections::BTreeSet;

use super::model::{Endpoint, Major, Network, Timing};
use super::proxy::inventory::RawProxy;
use super::proxy::{ClientPorts, Proxy};
use crate::kernel::inventory::document::Document;
use crate::kernel::inventory::entries::{self, listed};
use crate::kernel::inventory::note::{self, Note};
use crate::kernel::inventory::{
    Entry, Hosts, Placement, RawEntry, Settings, SshFiles, SshTarget, engine, entry, parsing,
};
use crate::kernel::keepalived::VirtualAddress;
use crate::kernel::model::{Address, ClusterName, HostName, NodeName, SecretRef};

pub use note_codes::NOTE_CODES;
pub use one_host::Role;

/// What an inventory calls the engine.
pub const ENGINE: &str = "patroni";
/// The name of a data node's role, in ids of steps and fingerprints.
pub const ROLE: &str = "patroni";
/// The name of the role of a member of etcd.
pub const ETCD_ROLE: &str = "etcd";

/// An entry with its role, and where it stands in the inventory: `nodes[2]`.
pub type Listed<'a> = entries::Listed<'a, Role>;

/// A cluster as its inventory describes it, with every default applied.
#[derive(Debug, Clone)]
pub struct Inventory {
    /// Patroni's scope: letters, digits, `_` and `-`.
    pub cluster: ClusterName,
    /// Packages that are missing are to be installed.
    pub install: bool,
    /// The node whose data of a standalone PostgreSQL become the cluster's; one that may lead. `None`: the cluster
    /// begins empty.
    pub seed: Option<NodeName>,
    pub ssh: SshFiles,
    pub postgresql: Postgresql,
    /// Who may connect as a client; empty: nobody but the members.
    pub clients: Vec<Network>,
    pub synchronous: Synchronous,
    pub failover: Timing,
    pub etcd: Etcd,
    /// The ports of the proxies, where there are any.
    pub endpoint: Option<ClientPorts>,
    /// The address that the proxies share.
    pub shared_address: Option<VirtualAddress>,
    pub secrets: SecretRefs,
    /// Codes of warnings that are not shown again.
    pub accepted: BTreeSet<String>,
    /// At least one; names and addresses unique.
    pub nodes: Vec<Node>,
    /// Machines that have etcd and no data; all of them are among the members of `etcd`.
    pub etcd_hosts: Vec<EtcdMember>,
    /// What applications connect to.
    pub proxies: Vec<Proxy>,
}

/// What all PostgreSQL servers of a cluster have in common.
#[derive(Debug, Clone)]
pub struct Postgresql {
    /// `None`: what the hosts' Debian release has.
    pub version: Option<Major>,
    pub port: u16,
    /// The settings that must be the same everywhere ([`settings::is_shared`]): they are in Patroni's dynamic
    /// configuration, which etcd keeps.
    pub shared: Settings,
    /// The others, which each node may override.
    pub own: Settings,
}

/// Whom a commit waits for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Synchronous {
    pub mode: SyncMode,
    /// How many standbys; at least 1.
    pub nodes: u16,
}

/// When a commit waits for a standby.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SyncMode {
    /// For chosen standbys, as long as there are any: without one, the leader goes on alone, and nobody follows it.
    On,
    /// For chosen standbys, always: without one, nothing is committed.
    Strict,
    /// For any standbys, in the number that makes a quorum (Patroni 4).
    Quorum,
    /// Never: a failover may lose what was acknowledged.
    Off,
}

impl SyncMode {
    pub const ALL: [Self; 4] = [Self::On, Self::Strict, Self::Quorum, Self::Off];

    pub fn as_str(self) -> &'static str {
        match self {
            Self::On => "on",
            Self::Strict => "strict",
            Self::Quorum => "quorum",
            Self::Off => "off",
        }
    }
}

/// The etcd that Patroni works with.
#[derive(Debug, Clone)]
pub enum Etcd {
    /// galactl sets it up on these: an odd number, each with an IP address of its own. Those on data nodes have the
    /// name of the node.
    Members(Vec<EtcdMember>),
    /// There is one, which galactl leaves alone.
    Existing(Vec<Endpoint>),
}

impl Etcd {
    /// The members that galactl sets up.
    pub fn members(&self) -> &[EtcdMember] {
        match self {
            Self::Members(members) => members,
            Self::Existing(_) => &[],
        }
    }
}

/// A member of etcd.
#[derive(Debug, Clone)]
pub struct EtcdMember {
    pub name: NodeName,
    pub address: Address,
    pub host: HostName,
    pub ssh: SshTarget,
}

entry!(EtcdMember, ETCD_ROLE);

/// Where the passwords of Patroni's accounts come from.
#[derive(Debug, Clone)]
pub struct SecretRefs {
    pub superuser: SecretRef,
    pub replication: SecretRef,
    pub rewind: SecretRef,
}

/// A data node.
#[derive(Debug, Clone)]
pub struct Node {
    pub name: NodeName,
    pub address: Address,
    pub host: HostName,
    pub ssh: SshTarget,
    pub tags: Tags,
    /// The cluster's settings with the node's own over them, without those that are shared.
    pub settings: Settings,
}

entry!(Node, ROLE);

/// What a node is fit for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Tags {
    /// It may become the leader.
    pub failover: bool,
    /// A commit may wait for it.
    pub synchronous: bool,
    /// Of nodes with equal data, the one with the higher number is promoted (Patroni 3.2). At least 1.
    pub priority: Option<u16>,
}

impl Default for Tags {
    fn default() -> Self {
        Self { failover: true, synchronous: true, priority: None }
    }
}

impl Inventory {
    pub fn node(&self, name: &NodeName) -> Option<&Node> {
        self.nodes.iter().find(|node| &node.name == name)
    }

    /// Who makes the cluster: the seed with its data, or else the first node that may lead with initdb.
    pub fn founder(&self) -> &Node {
        let seed = self.seed.as_ref().and_then(|seed| self.node(seed));
        let first = || self.nodes.iter().find(|node| node.tags.failover);
        seed.or_else(first).unwrap_or(&self.nodes[0])
    }

    /// The member of etcd with this name.
    pub fn etcd_member(&self, name: &NodeName) -> Option<&EtcdMember> {
        self.etcd.members().iter().find(|member| &member.name == name)
    }

    /// The proxy with this name.
    pub fn proxy(&self, name: &NodeName) -> Option<&Proxy> {
        self.proxies.iter().find(|proxy| &proxy.name == name)
    }

    /// Every entry: the data nodes, the machines that have etcd alone, then the proxies.
    pub fn entries(&self) -> Vec<Listed<'_>> {
        let mut all = listed(raw::RawNode::LIST, Role::Node, &self.nodes);
        all.extend(listed(raw::RawEtcdHost::LIST, Role::Etcd, &self.etcd_hosts));
        all.extend(listed(RawProxy::LIST, Role::Proxy, &self.proxies));
        all
    }

    /// The machines, with every member in each of its roles: a data node may have etcd beside its server.
    pub fn hosts(&self) -> Hosts {
        let nodes = self.nodes.iter().map(|it| it as &dyn Entry);
        let members = self.etcd.members().iter().map(|it| it as &dyn Entry);
        let proxies = self.proxies.iter().map(|it| it as &dyn Entry);
        Hosts::new(self.ssh.clone(), nodes.chain(members).chain(proxies))
    }

    /// The host and the role of a data node.
    pub fn placement(&self, name: &NodeName) -> Placement {
        let host = self.node(name).map_or_else(|| HostName::from(name), |node| node.host.clone());
        Placement { member: name.clone(), host, role: ROLE }
    }

    /// The owner accepts the warnings of this code: they are not shown.
    pub fn accepts(&self, code: &str) -> bool {
        self.accepted.contains(code)
    }
}

pub use releases::unfit;

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
    // Whoever leaves the key out reads an inventory of the engine that has none.
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
