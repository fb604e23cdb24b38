//! The scripts that look at one host, and their arguments.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use serde_json::json;

use crate::kernel::facts::{END, HEAD, MACHINE};
use crate::postgresql::packages::PACKAGES;

/// Asks servers over HTTP; what it reads is told in it.
pub const HTTP: &str = include_str!("http.pl");
const ASKING: &str = include_str!("asking.sh");
/// What `packages.sh` looks for.
const WANTED: &str =
    "wanted='python3-etcd python3-psycopg2 postgresql-common etcd-client' needed='patroni etcd-server'\n";
const NODE: &str = include_str!("node.sh");
const DATADIR: &str = include_str!("datadir.sh");
const SERVER: &str = include_str!("server.sh");
const ETCD: &str = include_str!("etcd.sh");
/// Tells where the WAL of a stopped node ends: the pieces, which are called with the data directory.
pub const RECOVER: [&str; 3] = [HEAD, include_str!("recover.sh"), END];
/// Tells what the WAL is up to some places; called with the data directory, and timeline and LSN of each place.
pub const DIGEST: [&str; 3] = [HEAD, include_str!("digest.sh"), END];

/// Tells what the files of a standalone server say; see the script for its arguments.
pub const SEED: [&str; 3] = [HEAD, include_str!("seed.sh"), END];
/// Tells whether another host can follow it.
pub const BESIDE_SEED: [&str; 3] = [HEAD, include_str!("beside_seed.sh"), END];

/// What is looked for on a data node.
#[derive(Debug, Clone)]
pub struct DataNode {
    /// The data directory by Debian release; the host takes that of its own.
    pub datadirs: Vec<(u16, String)>,
    /// The server's port.
    pub port: u16,
    /// Address and port of Patroni's REST API.
    pub rest: (String, u16),
    pub etcd: Store,
}

/// What is asked of etcd.
#[derive(Debug, Clone)]
pub struct Store {
    /// The folder of the scope's keys without a slash at its end, such as `/service/core`.
    pub folder: String,
    /// The data directory that galactl gives a member.
    pub datadir: String,
    /// Addresses and ports of the endpoints that this host is to ask: its own member, or all where it has none.
    pub endpoints: Vec<(String, u16)>,
}

/// A script in pieces, which `sh -c` runs as root, with its arguments. It changes nothing, and no argument is a
/// secret.
#[derive(Debug, Clone)]
pub struct Look {
    pub pieces: Vec<&'static str>,
    pub arguments: Vec<String>,
}

/// The machine, its PostgreSQL, its Patroni, and etcd.
pub fn of_data_node(node: &DataNode) -> Look {
    let datadirs: Vec<_> = node.datadirs.iter().map(|(release, path)| format!("{release}={path}")).collect();
    let own = [
        HTTP.to_owned(),
        datadirs.join(" "),
        node.port.to_string(),
        node.rest.0.clone(),
        node.rest.1.to_string(),
    ];
    Look {
        pieces: vec![HEAD, MACHINE, WANTED, PACKAGES, ASKING, NODE, DATADIR, SERVER, ETCD, END],
        arguments: own.into_iter().chain(of_store(&node.etcd)).collect(),
    }
}

/// The same without its files and packages: what changes from one moment to the next.
pub fn glance(node: &DataNode) -> Look {
    Look { pieces: vec![HEAD, ASKING, NODE, SERVER, ETCD, END], ..of_data_node(node) }
}

/// The machine, and etcd.
pub fn of_etcd_host(store: &Store) -> Look {
    Look {
        pieces: vec![HEAD, MACHINE, WANTED, PACKAGES, ASKING, ETCD_ALONE, ETCD, END],
        arguments: [HTTP.to_owned()].into_iter().chain(of_store(store)).collect(),
    }
}

/// Stands before `etcd.sh` where `node.sh` does not.
const ETCD_ALONE: &str = "http_program=$1\nshift\n";

fn of_store(store: &Store) -> impl Iterator<Item = String> {
    let (agreed, own) = (range(&store.folder, false), range(&store.folder, true));
    let own_arguments = [store.folder.clone(), agreed, own, store.datadir.clone()];
    let endpoints = store.endpoints.iter().flat_map(|(address, port)| [address.clone(), port.to_string()]);
    own_arguments.into_iter().chain(endpoints.collect::<Vec<_>>())
}

/// The body of a request to `/v3/kv/range` for all keys below a folder. `serializable`: as the member that is asked
/// has them, without the agreement of the others.
fn range(folder: &str, serializable: bool) -> String {
    // The end of a range is no part of it; `0` is the character behind `/`.
    let (key, end) = (BASE64.encode(format!("{folder}/")), BASE64.encode(format!("{folder}0")));
    json!({"key": key, "range_end": end, "serializable": serializable}).to_string()
}
