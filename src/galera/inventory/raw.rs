//! The inventory as it is written: shapes only, no defaults and no meaning.
//!
//! The doc comments are the descriptions in `galactl schema`.

use schemars::JsonSchema;
use serde::Deserialize;

use super::JoinOrder;
use super::lists::RawBeside;
use super::raw_node::RawNode;
use crate::galera::endpoint::inventory::RawEndpoint;
use crate::galera::model::{Flavour, SstMethod};
use crate::galera::monitoring::inventory::RawMonitoring;
use crate::galera::proxy::proxysql::inventory::RawProxysql;
use crate::galera::tls::inventory::RawTls;
use crate::kernel::inventory::raw::{RawSecret, RawSettings, RawSsh, Scalar};
use crate::kernel::lint::RawLint;

/// A galactl inventory: one Galera cluster, described whole.
#[derive(Debug, JsonSchema)]
#[schemars(deny_unknown_fields, rename = "Inventory")]
pub struct RawInventory {
    /// The version of this format. Always 1.
    #[schemars(range(min = 1, max = 1))]
    #[expect(dead_code, reason = "told to the schema; checked before the rest is read")]
    pub version: u32,
    /// What runs on the hosts: `galera`, which this describes, or `patroni`. Default: `galera`.
    #[schemars(with = "Option<Engine>")]
    #[expect(dead_code, reason = "told to the schema; checked before the rest is read")]
    pub engine: (),
    pub cluster: RawCluster,
    /// How to reach the nodes. Each node can override it.
    pub ssh: Option<RawSsh>,
    /// How a joiner gets the data.
    pub sst: Option<RawSst>,
    /// `serial`: one joiner after the other; `waves`: as many at a time as there are free donors. Default: `serial`.
    pub join: Option<JoinOrder>,
    /// Server options for every node, as in the `[mysqld]` section.
    pub mysqld: Option<RawSettings>,
    /// wsrep provider options for every node, such as `gcache.size`.
    pub provider_options: Option<RawSettings>,
    /// Where things are on the hosts. What is absent is probed there.
    pub host: Option<RawHost>,
    /// From where on `galactl status` calls the cluster degraded or critical.
    pub thresholds: Option<RawThresholds>,
    /// Codes of warnings that you know of and accept, such as `even-votes`: no command says them again.
    pub accept: Option<Vec<String>>,
    /// What applications connect to. Default, where there are `proxies`: writes go to one node, through port 3306.
    pub endpoint: Option<RawEndpoint>,
    /// What all proxies of the kind `proxysql` share.
    pub proxysql: Option<RawProxysql>,
    /// Who watches the cluster: exporters, Prometheus, and where alerts go.
    pub monitoring: Option<RawMonitoring>,
    /// What is encrypted, and who issues the certificates.
    pub tls: Option<RawTls>,
    /// What `galactl lint` asks of schemas.
    pub lint: Option<RawLint>,
    /// The data nodes, in the order in which they start.
    pub nodes: Vec<RawNode>,
    #[schemars(flatten)]
    pub beside: RawBeside,
    /// The cluster, all of its members and what they share could be read, so they can be held against each other.
    #[schemars(skip)]
    pub complete: bool,
}

/// What an inventory of this engine may call it.
#[derive(JsonSchema)]
#[serde(rename_all = "kebab-case")]
#[allow(dead_code, reason = "exists for the schema only")]
enum Engine {
    Galera,
}

#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct RawCluster {
    /// `wsrep_cluster_name`, the same on every node: text of at most 32 bytes, also with blanks in it.
    pub name: String,
    /// `mariadb`; `percona-xtradb-cluster` and `mysql-wsrep` are rendered, but were never run. Default: `mariadb`.
    pub flavour: Option<Flavour>,
    /// The node whose data becomes the cluster's data. Default: the first node.
    pub seed: Option<String>,
    /// Install the server's packages where they are missing (Debian family). Default: `false`.
    pub install: Option<bool>,
}

impl RawCluster {
    /// Stands in for a section that could not be read, so that the other sections are checked too.
    pub fn unread() -> Self {
        Self { name: "unread".into(), flavour: None, seed: None, install: None }
    }
}

#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct RawSst {
    /// `mariabackup` does not block the donor, and needs an account; with `rsync` the donor takes no writes during
    /// the copy. Default: `mariabackup`.
    pub method: Option<SstMethod>,
    /// The donor's account for mariabackup. Default: `sst`.
    pub user: Option<String>,
    /// Where the account's password comes from: `{env: NAME}`, `{file: PATH}`, `{command: [PROGRAM, ARG]}` or
    /// `{generate: true}`. Default: `{generate: true}`.
    pub password: Option<RawSecret>,
    /// Options for the `[sst]` section.
    pub options: Option<RawSettings>,
}

#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct RawThresholds {
    /// The part of the time in which flow control stops replication. Default: `{warn: 0.1, critical: 0.3}`.
    pub flow_control: Option<RawThreshold>,
    /// Write-sets that wait to be applied. Default: `{warn: 20, critical: 100}`.
    pub receive_queue: Option<RawThreshold>,
    /// Write-sets that wait to be sent. Default: `{warn: 20, critical: 100}`.
    pub send_queue: Option<RawThreshold>,
    /// Seconds that a node may be away for maintenance and still come back by IST. Default: 1800.
    #[schemars(with = "Option<u64>")]
    pub ist_window: Option<Scalar>,
}

/// Two limits, the first below the second.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct RawThreshold {
    /// From here on: degraded.
    #[schemars(with = "f64")]
    pub warn: Scalar,
    /// From here on: critical.
    #[schemars(with = "f64")]
    pub critical: Scalar,
}

#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct RawHost {
    /// The systemd unit of the server. Default: `mariadb`.
    pub service: Option<String>,
    /// The option file that galactl owns. Default: `/etc/mysql/mariadb.conf.d/99-galactl.cnf`.
    pub config_file: Option<String>,
    /// Where the data directory must be; galactl refuses if it is elsewhere. Default: as the server says.
    pub datadir: Option<String>,
    /// Where the server's unix socket must be; galactl refuses if it is elsewhere. Default: as the server says.
    pub socket: Option<String>,
    /// The wsrep provider library. Default: found on the host.
    pub provider: Option<String>,
}
