//! The settings of a member of etcd: environment variables, which its unit reads from Debian's own file.

use super::file::{File, HEADER};
use crate::kernel::model::{Address, ClusterName};
use crate::patroni::inventory::{EtcdMember, Inventory};
use crate::patroni::model::{Api, ETCD_CLIENT_PORT, ETCD_PEER_PORT, Software};

/// `EnvironmentFile` of Debian's etcd.service.
pub const ETCD_DEFAULTS: &str = "/etc/default/etcd";

/// How a member starts for the first time. Once it has data, etcd does not look at it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum EtcdStart {
    /// With the others it founds a cluster.
    New,
    /// It comes to a cluster that is there.
    Existing,
}

impl EtcdStart {
    fn as_str(self) -> &'static str {
        match self {
            Self::New => "new",
            Self::Existing => "existing",
        }
    }
}

/// Where a member keeps its data: never in Debian's own directory, `default`, where the package's script has started
/// a cluster of one by itself.
pub fn etcd_data_dir(cluster: &ClusterName) -> String {
    format!("/var/lib/etcd/galactl-{cluster}")
}

/// The file for a member. No value needs quotes: a name, an address, a port or a scope has none of the characters that
/// mean something to systemd's `EnvironmentFile`.
pub fn etcd_file(inventory: &Inventory, member: &EtcdMember, software: Software, start: EtcdStart) -> File {
    let peer = peer_url(member);
    let client = url(&member.address, ETCD_CLIENT_PORT);
    let members = inventory.etcd.members().iter();
    let members: Vec<_> = members.map(|it| format!("{}={}", it.name, peer_url(it))).collect();
    let mut variables = vec![
        ("NAME", member.name.to_string()),
        ("DATA_DIR", etcd_data_dir(&inventory.cluster)),
        ("LISTEN_PEER_URLS", peer.clone()),
        ("LISTEN_CLIENT_URLS", listen(&client)),
        ("INITIAL_ADVERTISE_PEER_URLS", peer),
        ("ADVERTISE_CLIENT_URLS", client),
        ("INITIAL_CLUSTER", members.join(",")),
        ("INITIAL_CLUSTER_STATE", start.as_str().to_owned()),
        ("INITIAL_CLUSTER_TOKEN", inventory.cluster.to_string()),
    ];
    if software.api() == Api::V2 {
        variables.push(("ENABLE_V2", "true".into()));
    }
    let lines = variables.into_iter().map(|(name, value)| format!("ETCD_{name}={value}\n"));
    File::of_root("config", ETCD_DEFAULTS, lines.fold(format!("{HEADER}\n"), |text, line| text + &line))
}

/// Patroni on the same host, and whoever looks at it there, reach it without the network.
fn listen(client: &str) -> String {
    let local = format!("http://127.0.0.1:{ETCD_CLIENT_PORT}");
    if client == local { local } else { format!("{client},{local}") }
}

/// Where the other members reach it.
pub fn peer_url(member: &EtcdMember) -> String {
    url(&member.address, ETCD_PEER_PORT)
}

fn url(address: &Address, port: u16) -> String {
    format!("http://{}:{port}", address.in_url())
}
