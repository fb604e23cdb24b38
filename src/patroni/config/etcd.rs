//! The settings of a member of etcd: environment variables, which its unit reads from Debian's own file.

use super::file::{File, HEADER};
use crate::kernel::facts::ConfigFile;
use crate::kernel::model::{Address, ClusterName};
use crate::patroni::inventory::{EtcdMember, Inventory};
use crate::patroni::model::{Api, ETCD_CLIENT_PORT, ETCD_PEER_PORT, Software};

/// `EnvironmentFile` of Debian's etcd.service.
pub const ETCD_DEFAULTS: &str = "/etc/default/etcd";

/// How a member starts for the first time. Once it has data, etcd does not look at it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum EtcdStart<'a> {
    /// With the others of the inventory it founds a cluster.
    New,
    /// It comes to a cluster that is there, which has exactly these members, itself among them: name and peer URL.
    Existing(&'a [(String, String)]),
}

impl EtcdStart<'_> {
    fn state(self) -> &'static str {
        match self {
            Self::New => "new",
            Self::Existing(_) => "existing",
        }
    }

    /// `NAME=URL`, with commas between.
    fn members(self, inventory: &Inventory) -> String {
        let written: Vec<_> = match self {
            Self::New => {
                let members = inventory.etcd.members().iter();
                members.map(|it| format!("{}={}", it.name, peer_url(it))).collect()
            }
            Self::Existing(members) => members.iter().map(|(name, url)| format!("{name}={url}")).collect(),
        };
        written.join(",")
    }
}

/// Variables that say how a member starts for the first time.
const FIRST_START: [&str; 2] = ["INITIAL_CLUSTER", "INITIAL_CLUSTER_STATE"];

/// Where a member keeps its data: never in Debian's own directory, `default`, where the package's script has started
/// a cluster of one by itself.
pub fn etcd_data_dir(cluster: &ClusterName) -> String {
    format!("/var/lib/etcd/galactl-{cluster}")
}

/// The file for a member. No value needs quotes: a name, an address, a port or a scope has none of the characters that
/// mean something to systemd's `EnvironmentFile`.
pub fn etcd_file(
    inventory: &Inventory,
    member: &EtcdMember,
    software: Software,
    start: EtcdStart<'_>,
) -> File {
    let peer = peer_url(member);
    let client = url(&member.address, ETCD_CLIENT_PORT);
    let mut variables = vec![
        ("NAME", member.name.to_string()),
        ("DATA_DIR", etcd_data_dir(&inventory.cluster)),
        ("LISTEN_PEER_URLS", peer.clone()),
        ("LISTEN_CLIENT_URLS", listen(&client)),
        ("INITIAL_ADVERTISE_PEER_URLS", peer),
        ("ADVERTISE_CLIENT_URLS", client),
        (FIRST_START[0], start.members(inventory)),
        (FIRST_START[1], start.state().to_owned()),
        ("INITIAL_CLUSTER_TOKEN", inventory.cluster.to_string()),
    ];
    if software.api() == Api::V2 {
        variables.push(("ENABLE_V2", "true".into()));
    }
    let lines = variables.into_iter().map(|(name, value)| format!("ETCD_{name}={value}\n"));
    File::of_root("config", ETCD_DEFAULTS, lines.fold(format!("{HEADER}\n"), |text, line| text + &line))
}

/// True where a member with data works with the file that is there as with the wanted one: how it started for the first
/// time is no matter then.
pub fn works_with(there: Option<&ConfigFile>, wanted: &File) -> bool {
    let matters = |line: &&str| {
        let name = line.strip_prefix("ETCD_").and_then(|line| line.split_once('=')).map(|(name, _)| name);
        !name.is_some_and(|name| FIRST_START.contains(&name))
    };
    there.is_some_and(|there| {
        there.text.lines().filter(matters).eq(wanted.text.lines().filter(matters))
            && (there.owner.as_str(), there.group.as_str()) == (wanted.owner, wanted.group)
            && there.mode == wanted.mode
    })
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
