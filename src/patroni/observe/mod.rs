//! Hosts → [`Observation`]: one round trip a host, all hosts at once, nothing changed.

pub mod look;
pub mod recover;

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use tokio::task::JoinSet;

use self::look::{DataNode, Look, Store};
use super::config::{data_dir, etcd_data_dir, folder, passwords_in};
use super::facts::{EtcdHostFacts, HostFacts};
use super::inventory::{Etcd, EtcdMember, Inventory, Node};
use super::model::{Account, ETCD_CLIENT_PORT, Endpoint, Major, REST_PORT};
use super::observation::Observation;
use crate::kernel::facts::{Malformed, Report, Seen, Unseen};
use crate::kernel::model::{NodeName, Secrets};
use crate::kernel::transport::{Fleet, Host, RemoteCommand, TransportError};

const DEADLINE: Duration = Duration::from_secs(60);

/// What each scan printed, or why it did not.
type Told = BTreeMap<NodeName, Result<Report, Unseen>>;

/// The raw reports of all hosts. They hold secrets in clear text and never leave this module's callers in that form.
pub struct Reports {
    nodes: Told,
    etcd_hosts: Told,
    /// That of the scope's keys in etcd.
    folder: String,
}

/// Asks every host.
pub async fn ask(inventory: &Inventory, fleet: &Fleet) -> Reports {
    let nodes = inventory.nodes.iter().map(|node| (node.name.clone(), of_node(inventory, node)));
    let hosts = inventory
        .etcd_hosts
        .iter()
        .map(|it| (it.name.clone(), look::of_etcd_host(&store(inventory, &it.name))));
    let (nodes, etcd_hosts) = tokio::join!(ask_all(nodes.collect(), fleet), ask_all(hosts.collect(), fleet));
    Reports { nodes, etcd_hosts, folder: folder(&inventory.cluster) }
}

/// Asks one data node.
pub async fn ask_one(inventory: &Inventory, node: &Node, host: &Host, secrets: &Secrets) -> Seen<HostFacts> {
    let told = report(host, of_node(inventory, node)).await;
    see(&told, |report| HostFacts::read(report, &folder(&inventory.cluster), secrets))
}

async fn ask_all(looks: Vec<(NodeName, Look)>, fleet: &Fleet) -> Told {
    let mut told = Told::new();
    let mut tasks = JoinSet::new();
    for (member, look) in looks {
        match (fleet.host_of(&member), fleet.why_unreachable(&member)) {
            (Some(host), _) => {
                let host = Arc::clone(&host);
                tasks.spawn(async move { (member, report(&host, look).await) });
            }
            (None, Some(why)) => drop(told.insert(member, Err(unseen(why)))),
            (None, None) => {}
        }
    }
    told.extend(tasks.join_all().await);
    told
}

async fn report(host: &Host, look: Look) -> Result<Report, Unseen> {
    let command = RemoteCommand::of_pieces(&look.pieces, look.arguments).deadline(DEADLINE);
    let text = host.succeed(command).await.map_err(|error| unseen(&error))?;
    Report::parse(&text).map_err(|error| error.to_string().into())
}

fn unseen(error: &TransportError) -> Unseen {
    match error {
        TransportError::NotRoot { .. } => Unseen::NotRoot(error.to_string()),
        _ => Unseen::Other(error.to_string()),
    }
}

fn of_node(inventory: &Inventory, node: &Node) -> Look {
    look::of_data_node(&DataNode {
        datadirs: datadirs(inventory),
        port: inventory.postgresql.port,
        rest: (node.address.in_url(), REST_PORT),
        etcd: store(inventory, &node.name),
    })
}

/// The data directory that a host of each release has.
pub fn datadirs(inventory: &Inventory) -> Vec<(u16, String)> {
    let of = |major: Major| data_dir(inventory.postgresql.version.unwrap_or(major));
    Major::ALL.into_iter().map(|major| (major.debian(), of(major))).collect()
}

/// A member asks itself; who is none asks all.
fn store(inventory: &Inventory, member: &NodeName) -> Store {
    let endpoint = |it: &EtcdMember| (it.address.in_url(), ETCD_CLIENT_PORT);
    let endpoints = match (&inventory.etcd, inventory.etcd_member(member)) {
        (Etcd::Existing(endpoints), _) => {
            endpoints.iter().map(|it: &Endpoint| (it.address.in_url(), it.port)).collect()
        }
        (Etcd::Members(_), Some(own)) => vec![endpoint(own)],
        (Etcd::Members(members), None) => members.iter().map(endpoint).collect(),
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
            recovered: None,
            awaited: false,
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
