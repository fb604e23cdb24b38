//! The inventory as it is written: shapes only, no defaults and no meaning.
//!
//! The doc comments are the descriptions in `galactl schema`.

use schemars::JsonSchema;
use serde::Deserialize;

use crate::kernel::inventory::raw::{RawSecret, RawSettings, RawSsh, Scalar};
use crate::kernel::inventory::raw_entry;
use crate::patroni::model::Timing;
use crate::patroni::proxy::endpoint::RawEndpoint;
use crate::patroni::proxy::inventory::RawProxy;

/// A galactl inventory: one PostgreSQL cluster that Patroni keeps, described whole.
#[derive(Debug, JsonSchema)]
#[schemars(deny_unknown_fields, rename = "PatroniInventory")]
pub struct RawInventory {
    /// The version of this format. Always 1.
    #[schemars(range(min = 1, max = 1))]
    #[expect(dead_code, reason = "told to the schema; checked before the rest is read")]
    pub version: u32,
    /// What runs on the hosts: `patroni`, which is PostgreSQL with Patroni and etcd.
    #[schemars(with = "Engine")]
    #[expect(dead_code, reason = "told to the schema; checked before the rest is read")]
    pub engine: (),
    pub cluster: RawCluster,
    /// How to reach the hosts. Each entry can override it.
    pub ssh: Option<RawSsh>,
    /// What all PostgreSQL servers have in common.
    pub postgresql: Option<RawPostgresql>,
    /// Networks from which clients may connect, such as `10.0.0.0/24`, with a password (SCRAM), to the nodes and to the
    /// proxies. Superuser, replication and rewind accounts may not. Default: nobody but the members.
    pub clients: Option<Vec<String>>,
    /// Whom a commit waits for.
    pub synchronous: Option<RawSynchronous>,
    /// How soon a lost leader is followed: `default` (ttl 30 s) or `fast` (ttl 20 s). Default: `default`.
    pub failover: Option<Timing>,
    /// The etcd that Patroni works with. Default: on the `etcd_hosts`, or else on the first three data nodes.
    pub etcd: Option<RawEtcd>,
    /// What applications connect to. Default, where there are `proxies`: ports 5000 and 5001.
    pub endpoint: Option<RawEndpoint>,
    /// Where the passwords of Patroni's accounts come from.
    pub secrets: Option<RawSecrets>,
    /// Codes of warnings that you know of and accept, such as `single-etcd`: no command says them again.
    pub accept: Option<Vec<String>>,
    /// The data nodes.
    pub nodes: Vec<RawNode>,
    /// Machines that have etcd and no data.
    #[schemars(with = "Option<Vec<RawEtcdHost>>")]
    pub etcd_hosts: Vec<RawEtcdHost>,
    /// Hosts with HAProxy, to which applications connect.
    #[schemars(with = "Option<Vec<RawProxy>>")]
    pub proxies: Vec<RawProxy>,
    /// All entries and what they share could be read, so they can be held against each other.
    #[schemars(skip)]
    pub complete: bool,
}

/// What an inventory of this engine calls it.
#[derive(JsonSchema)]
#[serde(rename_all = "kebab-case")]
#[allow(dead_code, reason = "exists for the schema only")]
enum Engine {
    Patroni,
}

#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct RawCluster {
    /// Patroni's scope, and the name of the etcd cluster: at most 32 letters, digits, `_` and `-`.
    pub name: String,
    /// Install the packages where they are missing (Debian). Default: `false`.
    pub install: Option<bool>,
    /// The node with a standalone PostgreSQL whose data become the cluster's when it is born; the others copy them. It
    /// means nothing afterwards. Default: none, and the cluster begins empty.
    pub seed: Option<String>,
}

impl RawCluster {
    /// Stands in for a section that could not be read, so that the other sections are checked too.
    pub fn unread() -> Self {
        Self { name: "unread".into(), install: None, seed: None }
    }
}

#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct RawPostgresql {
    /// The major version: 15 (Debian 12) or 17 (Debian 13). Default: that of the hosts' Debian release.
    #[schemars(with = "Option<u16>")]
    pub version: Option<Scalar>,
    /// The port for clients. Default: 5432.
    pub port: Option<u16>,
    /// Settings for every server, as in `postgresql.conf`.
    pub settings: Option<RawSettings>,
}

#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct RawSynchronous {
    /// When a commit waits for a standby: `on` while there is one, `strict` always, `quorum` for any (Patroni 4), `off`
    /// never. Default: `on`.
    pub mode: Option<Scalar>,
    /// How many standbys a commit waits for; fewer than there are data nodes. Default: 1.
    #[schemars(with = "Option<u16>")]
    pub nodes: Option<Scalar>,
}

#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct RawEtcd {
    /// The entries of `nodes` and `etcd_hosts` that have a member of etcd, by name: an odd number. Default: the
    /// `etcd_hosts`, or else the first three data nodes.
    pub members: Option<Vec<String>>,
    /// An etcd that is there already and that galactl leaves alone: `10.0.0.1:2379` and so on. Default: none.
    pub endpoints: Option<Vec<String>>,
}

#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct RawSecrets {
    /// The password of `postgres`: `{env: NAME}`, `{file: PATH}`, `{command: [PROGRAM, ARG]}` or `{generate: true}`.
    /// Default: `{generate: true}`.
    pub superuser: Option<RawSecret>,
    /// The password of `replicator`, with which standbys stream from the leader. Default: `{generate: true}`.
    pub replication: Option<RawSecret>,
    /// The password of `rewind_user`, with which pg_rewind reads from the leader. Default: `{generate: true}`.
    pub rewind: Option<RawSecret>,
}

#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct RawNode {
    /// Its place in the list as written, where some of the others could not be read.
    #[serde(skip)]
    pub index: usize,
    /// What Patroni and galactl's command line call the node.
    pub name: String,
    /// The address at which the other nodes reach it. With etcd on it: an IP address.
    pub address: String,
    /// The address at which galactl reaches it. Default: the address.
    pub ssh_address: Option<String>,
    /// Overrides of the ssh section, but not of its files. Default: as `ssh`.
    pub ssh: Option<RawSsh>,
    /// What the node is fit for. Default: everything.
    pub tags: Option<RawTags>,
    /// What differs from the other servers.
    pub postgresql: Option<RawOwnPostgresql>,
}

raw_entry!(RawNode, "nodes");

#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct RawTags {
    /// `no`: it never becomes the leader. Default: `yes`.
    pub failover: Option<Scalar>,
    /// `no`: no commit waits for it. Default: `yes`.
    pub synchronous: Option<Scalar>,
    /// Of nodes with equal data, the one with the highest number becomes the leader (Patroni 3.2). Default: none.
    #[schemars(with = "Option<u16>")]
    pub priority: Option<Scalar>,
}

#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct RawOwnPostgresql {
    /// Settings for this server alone. Default: as `postgresql.settings`.
    pub settings: Option<RawSettings>,
}

#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct RawEtcdHost {
    /// Its place in the list as written, where some of the others could not be read.
    #[serde(skip)]
    pub index: usize,
    /// What etcd and galactl's command line call the member; no node has this name.
    pub name: String,
    /// The IP address at which nodes and the other members reach it.
    pub address: String,
    /// The address at which galactl reaches it. Default: the address.
    pub ssh_address: Option<String>,
    /// Overrides of the ssh section, but not of its files. Default: as `ssh`.
    pub ssh: Option<RawSsh>,
}

raw_entry!(RawEtcdHost, "etcd_hosts");
