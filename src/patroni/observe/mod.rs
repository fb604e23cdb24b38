//! Hosts → [`Observation`]: one round trip a host, all hosts at once, nothing changed.

pub mod adopt;
pub mod logs;
pub mod look;
pub mod ports;
pub mod recover;
pub mod seed;
pub mod watch;

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use self::look::{DataNode, Look, Store};
use super::config::{data_dir, etcd_data_dir, folder, passwords_in};
use super::facts::{EtcdHostFacts, HostFacts};
use super::inventory::{Etcd, EtcdMember, Inventory, Node};
use super::model::{Account, ETCD_CLIENT_PORT, Endpoint, Major, REST_PORT};
use super::observation::Observation;
use super::proxy::facts::ProxyFacts;
use super::proxy::{self, Proxy};
use crate::kernel::facts::{HEAD, MACHINE, Malformed, PortMatrix, Report, Seen, Unseen};
use crate::kernel::keepalived;
use crate::kernel::keepalived::facts::SharingFacts;
use crate::kernel::model::{NodeName, Secrets};
use crate::kernel::transport::asking::{Told, report, run};
use crate::kernel::transport::{Fleet, Host, RemoteCommand};

/// The longest questions of a look wait for 20 s, and the others for 12 s.
const DEADLINE: Duration = Duration::from_secs(60);
/// The cluster does not need its proxies, and is not to wait long for one that hangs.
const PROXY_DEADLINE: Duration = Duration::from_secs(20);

/// The raw reports of all hosts. They hold secrets in clear text and never leave this module's callers in that form.
pub struct Reports {
    nodes: Told,
    etcd_hosts: Told,
    proxies: Told,
    sharing: Told,
    /// That of the scope's keys in etcd.
    folder: String,
}

/// Asks every host.
pub async fn ask(inventory: &Inventory, fleet: &Fleet) -> Reports {
    let proxies = async { tokio::join!(ask_proxies(inventory, fleet), ask_sharing(inventory, fleet)) };
    let (members, (proxies, sharing)) = tokio::join!(ask_members(inventory, fleet), proxies);
    Reports { proxies, sharing, ..members }
}

/// Asks the hosts of proxies how they share the address, where they are to.
async fn ask_sharing(inventory: &Inventory, fleet: &Fleet) -> Told {
    let Some(shared) = inventory.shared_address else { return Told::new() };
    let pieces = [&[HEAD, MACHINE][..], &keepalived::look::SCRIPT].concat();
    let command = |proxy: &Proxy| {
        let look = RemoteCommand::of_pieces(&pieces, keepalived::look::arguments(&proxy.address, shared));
        (proxy.name.clone(), look.deadline(PROXY_DEADLINE))
    };
    run(inventory.proxies.iter().map(command), fleet).await
}

async fn ask_proxies(inventory: &Inventory, fleet: &Fleet) -> Told {
    let Some(ports) = inventory.endpoint else { return Told::new() };
    let look = || RemoteCommand::of_pieces(&proxy::look::SCRIPT, proxy::look::arguments(ports));
    let command = |proxy: &Proxy| (proxy.name.clone(), look().deadline(PROXY_DEADLINE));
    run(inventory.proxies.iter().map(command), fleet).await
}

/// Asks the data nodes and the members of etcd alone.
pub async fn ask_members(inventory: &Inventory, fleet: &Fleet) -> Reports {
    let nodes = inventory.nodes.iter().map(|node| (node.name.clone(), of_node(inventory, node)));
    let hosts = inventory
        .etcd_hosts
        .iter()
        .map(|it| (it.name.clone(), look::of_etcd_host(&store(inventory, &it.name))));
    let (nodes, etcd_hosts) = tokio::join!(ask_all(nodes.collect(), fleet), ask_all(hosts.collect(), fleet));
    Reports {
        nodes,
        etcd_hosts,
        proxies: Told::new(),
        sharing: Told::new(),
        folder: folder(&inventory.cluster),
    }
}

/// Asks one data node for everything.
async fn ask_node(inventory: &Inventory, node: &Node, host: &Arc<Host>) -> Reports {
    let look = of_node(inventory, node);
    let command = RemoteCommand::of_pieces(&look.pieces, look.arguments).deadline(DEADLINE);
    let told = report(host, command).await;
    let folder = folder(&inventory.cluster);
    let nodes = Told::from([(node.name.clone(), told)]);
    Reports { nodes, etcd_hosts: Told::new(), proxies: Told::new(), sharing: Told::new(), folder }
}

async fn ask_all(looks: Vec<(NodeName, Look)>, fleet: &Fleet) -> Told {
    let command = |look: Look| RemoteCommand::of_pieces(&look.pieces, look.arguments).deadline(DEADLINE);
    run(looks.into_iter().map(|(member, look)| (member, command(look))), fleet).await
}

fn of_node(inventory: &Inventory, node: &Node) -> Look {
    look::of_data_node(&data_node(inventory, node))
}

fn data_node(inventory: &Inventory, node: &Node) -> DataNode {
    DataNode {
        datadirs: datadirs(inventory),
        port: inventory.postgresql.port,
        rest: (node.address.in_url(), REST_PORT),
        etcd: store(inventory, &node.name),
    }
}

/// The data directory that a host of each release has.
pub fn datadirs(inventory: &Inventory) -> Vec<(u16, String)> {
    let of = |major: Major| data_dir(inventory.postgresql.version.unwrap_or(major));
    Major::ALL.into_iter().map(|major| (major.debian(), of(major))).collect()
}

/// A member asks itself; who is none asks all, and itself as well: it may be a member that came while another one left.
fn store(inventory: &Inventory, member: &NodeName) -> Store {
    let endpoint = |it: &EtcdMember| (it.address.in_url(), ETCD_CLIENT_PORT);
    let endpoints = match (&inventory.etcd, inventory.etcd_member(member)) {
        (Etcd::Existing(endpoints), _) => {
            endpoints.iter().map(|it: &Endpoint| (it.address.in_url(), it.port)).collect()
        }
        (Etcd::Members(_), Some(own)) => vec![endpoint(own)],
        (Etcd::Members(members), None) => {
            let own = inventory.node(member).map(|node| (node.address.in_url(), ETCD_CLIENT_PORT));
            members.iter().map(endpoint).chain(own).collect()
        }
    };
    Store { folder: folder(&inventory.cluster), datadir: etcd_data_dir(&inventory.cluster), endpoints }
}

/// What an observation calls a member of etcd that galactl set up.
pub fn client_endpoint(member: &EtcdMember) -> String {
    format!("{}:{ETCD_CLIENT_PORT}", member.address.in_url())
}

impl Reports {
    /// Adds the passwords that are generated: those that the hosts have already, or new ones. Others were read before
    /// any host was asked.
    pub fn complete(&self, secrets: &mut Secrets) {
        for account in Account::ALL {
            if secrets.get(account.password()).is_none() {
                let known = self.known(account).unwrap_or_else(crate::kernel::secrets::generate);
                secrets.insert(account.password(), known);
            }
        }
    }

    /// The password that a node's Patroni has.
    fn known(&self, account: Account) -> Option<String> {
        let files = self.nodes.values().filter_map(|told| told.as_ref().ok()?.section("config"));
        let mut all = files.flat_map(passwords_in);
        all.find_map(|(name, value)| (name == account.password()).then_some(value))
    }

    /// Understands the reports; secrets in them are replaced.
    pub fn observation(&self, secrets: &Secrets) -> Observation {
        let node = |report: &Report| HostFacts::read(report, &self.folder, secrets);
        let store = |report: &Report| EtcdHostFacts::read(report, &self.folder);
        Observation {
            nodes: self.nodes.iter().map(|(name, told)| (name.clone(), see(told, node))).collect(),
            etcd_hosts: self.etcd_hosts.iter().map(|(name, told)| (name.clone(), see(told, store))).collect(),
            proxies: self
                .proxies
                .iter()
                .map(|(name, told)| (name.clone(), see(told, ProxyFacts::read)))
                .collect(),
            sharing: self
                .sharing
                .iter()
                .map(|(name, told)| (name.clone(), see(told, SharingFacts::read)))
                .collect(),
            recovered: None,
            seed: None,
            digests: BTreeMap::new(),
            awaited: false,
            ports: PortMatrix::default(),
        }
    }
}

fn see<Facts>(
    report: &Result<Report, Unseen>,
    understand: impl Fn(&Report) -> Result<Facts, Malformed>,
) -> Seen<Facts> {
    let facts = report.as_ref().map_err(Clone::clone);
    let facts = facts.and_then(|report| understand(report).map_err(|error| error.to_string().into()));
    facts.map_or_else(Seen::Unreachable, |facts| Seen::Facts(Box::new(facts)))
}
