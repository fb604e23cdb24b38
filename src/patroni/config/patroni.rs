//! Patroni's own configuration of a data node.

use std::collections::BTreeMap;

use serde::Serialize;

use super::access;
use super::dynamic::DynamicConfig;
use super::file::{File, HEADER};
use super::yaml::document;
use crate::kernel::inventory::Settings;
use crate::kernel::model::ClusterName;
use crate::patroni::inventory::{Etcd, Inventory, Node, Tags};
use crate::patroni::model::{Account, ETCD_CLIENT_PORT, Major, REST_PORT, Software};

/// Debian's patroni.service starts only if this file is there.
pub const PATRONI_CONFIG: &str = "/etc/patroni/config.yml";

const NAMESPACE: &str = "/service/";
/// Where Debian's psql and pg_ctl look for the socket.
pub(super) const SOCKETS: &str = "/var/run/postgresql";
/// Patroni writes the passwords there for pg_basebackup and pg_rewind.
const PGPASS: &str = "/var/lib/postgresql/.pgpass-patroni";

#[derive(Serialize)]
struct Config<'a> {
    scope: &'a str,
    namespace: &'static str,
    name: &'a str,
    restapi: RestApi,
    #[serde(flatten)]
    etcd: BTreeMap<&'static str, EtcdHosts>,
    bootstrap: Bootstrap,
    postgresql: Postgresql<'a>,
    watchdog: Watchdog,
    tags: BTreeMap<&'static str, TagValue>,
}

#[derive(Serialize)]
struct RestApi {
    listen: String,
    connect_address: String,
}

#[derive(Serialize)]
struct EtcdHosts {
    hosts: Vec<String>,
}

/// What the first node of a new cluster does; Patroni reads it once.
#[derive(Serialize)]
struct Bootstrap {
    dcs: DynamicConfig,
    initdb: Vec<InitdbOption>,
}

#[derive(Serialize)]
#[serde(untagged)]
enum InitdbOption {
    Value(BTreeMap<&'static str, &'static str>),
    Switch(&'static str),
}

#[derive(Serialize)]
struct Postgresql<'a> {
    listen: String,
    connect_address: String,
    data_dir: String,
    bin_dir: String,
    config_dir: String,
    pgpass: &'static str,
    use_unix_socket: bool,
    basebackup: [BTreeMap<&'static str, &'static str>; 1],
    authentication: BTreeMap<&'static str, Login>,
    parameters: BTreeMap<&'a str, &'a str>,
    pg_hba: Vec<String>,
}

#[derive(Serialize)]
struct Login {
    username: &'static str,
    password: String,
}

#[derive(Serialize)]
struct Watchdog {
    mode: &'static str,
}

#[derive(Serialize)]
#[serde(untagged)]
enum TagValue {
    Switch(bool),
    Number(u16),
}

/// Where Patroni keeps the cluster's keys in etcd, without a slash at its end.
pub fn folder(cluster: &ClusterName) -> String {
    format!("{NAMESPACE}{cluster}")
}

/// Where the server of this version has its data.
pub fn data_dir(major: Major) -> String {
    format!("/var/lib/postgresql/{major}/main")
}

/// Where Debian has the programs of this version.
pub fn bin_dir(major: Major) -> String {
    format!("/usr/lib/postgresql/{major}/bin")
}

/// The file of a data node. Passwords stand in it as placeholders between double quotes.
pub fn patroni_file(inventory: &Inventory, node: &Node, software: Software) -> File {
    let major = software.postgresql;
    let address = node.address.in_url();
    let rest = format!("{address}:{REST_PORT}");
    let config = Config {
        scope: inventory.cluster.as_str(),
        namespace: NAMESPACE,
        name: node.name.as_str(),
        restapi: RestApi { listen: rest.clone(), connect_address: rest },
        etcd: BTreeMap::from([(software.api().section(), EtcdHosts { hosts: etcd_hosts(inventory) })]),
        bootstrap: Bootstrap { dcs: DynamicConfig::of(inventory), initdb: initdb() },
        postgresql: Postgresql {
            listen: listen(&address, inventory.postgresql.port),
            connect_address: format!("{address}:{}", inventory.postgresql.port),
            data_dir: data_dir(major),
            bin_dir: bin_dir(major),
            config_dir: data_dir(major),
            pgpass: PGPASS,
            use_unix_socket: true,
            // A copy begins with a checkpoint. One that is spread out takes minutes while clients write.
            basebackup: [BTreeMap::from([("checkpoint", "fast")])],
            authentication: Account::ALL.map(|it| (it.key(), login(it))).into(),
            parameters: parameters(&node.settings),
            pg_hba: access::lines(inventory),
        },
        watchdog: Watchdog { mode: "off" },
        tags: tags(node.tags),
    };
    File {
        artefact: "config",
        path: PATRONI_CONFIG,
        owner: "root",
        group: "postgres",
        mode: "640",
        text: format!("{HEADER}\n{}", document(&config)),
    }
}

fn etcd_hosts(inventory: &Inventory) -> Vec<String> {
    match &inventory.etcd {
        Etcd::Existing(endpoints) => endpoints.iter().map(ToString::to_string).collect(),
        Etcd::Members(members) => {
            members.iter().map(|it| format!("{}:{ETCD_CLIENT_PORT}", it.address.in_url())).collect()
        }
    }
}

/// Checksums tell a torn page, and pg_rewind needs them or wal_log_hints.
fn initdb() -> Vec<InitdbOption> {
    vec![
        InitdbOption::Value(BTreeMap::from([("encoding", "UTF8")])),
        InitdbOption::Value(BTreeMap::from([("locale", "C.UTF-8")])),
        InitdbOption::Switch("data-checksums"),
    ]
}

/// Patroni cuts the port off at the last colon, and takes the addresses out of their brackets.
fn listen(address: &str, port: u16) -> String {
    let local = "127.0.0.1";
    if address == local { format!("{local}:{port}") } else { format!("{address},{local}:{port}") }
}

fn login(account: Account) -> Login {
    Login { username: account.user(), password: account.password().placeholder() }
}

fn parameters(settings: &Settings) -> BTreeMap<&str, &str> {
    let own = [("unix_socket_directories", SOCKETS)];
    settings.iter().map(|(name, value)| (name.as_str(), value.as_str())).chain(own).collect()
}

fn tags(tags: Tags) -> BTreeMap<&'static str, TagValue> {
    let mut all = BTreeMap::from([("nosync", TagValue::Switch(!tags.synchronous))]);
    // With a priority, `nofailover` must not stand there, too: Patroni would call it ambiguous.
    match tags.priority {
        Some(priority) => all.insert("failover_priority", TagValue::Number(priority)),
        None => all.insert("nofailover", TagValue::Switch(!tags.failover)),
    };
    all
}
