//! Where etcd is: galactl's own members, or an etcd that galactl leaves alone.

use super::{Member, Store};
use crate::kernel::model::{Address, ClusterName};
use crate::patroni::config::{self, FoundFile, etcd_data_dir};
use crate::patroni::facts::EtcdFacts;

/// How the inventory describes it.
pub enum Described {
    /// Members that galactl has set up. `listed`: their names, where they are not those that it takes by itself.
    Members {
        listed: Option<Vec<String>>,
        hosts: Vec<EtcdHost>,
    },
    Existing(Vec<String>),
}

pub struct EtcdHost {
    pub name: String,
    pub address: String,
    pub ssh_address: Option<String>,
}

/// So many data nodes have etcd where an inventory does not say which.
const USUAL: usize = 3;

/// The endpoints that the nodes' files name, each once, in the order of the first file.
pub(super) fn endpoints_in<'a>(files: impl Iterator<Item = &'a FoundFile>) -> Vec<String> {
    let mut all: Vec<String> = Vec::new();
    for endpoint in files.flat_map(|file| &file.endpoints) {
        if !all.contains(endpoint) {
            all.push(endpoint.clone());
        }
    }
    all
}

fn endpoints(members: &[Member<'_>]) -> Vec<String> {
    endpoints_in(members.iter().map(|member| member.file))
}

/// The addresses of endpoints that are on no member's host.
pub fn foreign_places(members: &[Member<'_>]) -> Vec<Address> {
    let places = endpoints(members).into_iter().filter_map(|it| place(&it)?.parse().ok());
    places.filter(|address| member_at(members, address).is_none()).collect()
}

fn place(endpoint: &str) -> Option<&str> {
    let (address, _) = endpoint.rsplit_once(':')?;
    Some(address.trim_start_matches('[').trim_end_matches(']'))
}

fn member_at<'a, 'b>(members: &'b [Member<'a>], address: &Address) -> Option<&'b Member<'a>> {
    members.iter().find(|member| {
        member.reached_at == address
            || member.file.server.as_ref().is_some_and(|(own, _)| *own == address.to_string())
            || address.ip().is_some_and(|ip| member.facts.machine.addresses.contains(&ip))
    })
}

/// It has the settings of a member that galactl has set up for this cluster.
pub fn is_galactls(etcd: &EtcdFacts, scope: &str) -> bool {
    let Ok(cluster) = scope.parse::<ClusterName>() else { return false };
    let own = format!("ETCD_DATA_DIR={}", etcd_data_dir(&cluster));
    etcd.settings
        .as_ref()
        .is_some_and(|file| config::is_galactls(&file.text) && file.text.lines().any(|line| line == own))
}

/// Members of galactl's are described as such where all are; an odd number, as an inventory wants it.
pub fn of(members: &[Member<'_>], stores: &[Store<'_>]) -> Described {
    let scope = &members[0].file.scope;
    let endpoints = endpoints(members);
    let (mut listed, mut hosts) = (Vec::new(), Vec::new());
    for address in endpoints.iter().filter_map(|it| place(it)?.parse::<Address>().ok()) {
        let on_node = member_at(members, &address).filter(|member| is_galactls(&member.facts.etcd, scope));
        let alone =
            stores.iter().find(|store| *store.reached_at == address && is_galactls(&store.facts.etcd, scope));
        match (on_node, alone) {
            (Some(member), _) => listed.push(member.file.name.clone()),
            (None, Some(store)) => {
                listed.push(store.name.to_owned());
                hosts.push(EtcdHost {
                    name: store.name.to_owned(),
                    address: address.to_string(),
                    ssh_address: None,
                });
            }
            (None, None) => return Described::Existing(endpoints),
        }
    }
    if listed.len() != endpoints.len() || listed.len().is_multiple_of(2) {
        return Described::Existing(endpoints);
    }
    let usual: Vec<String> = match hosts.as_slice() {
        [] => {
            let many = if members.len() < USUAL { 1 } else { USUAL };
            members.iter().take(many).map(|member| member.file.name.clone()).collect()
        }
        hosts => hosts.iter().map(|host| host.name.clone()).collect(),
    };
    Described::Members { listed: (listed != usual).then_some(listed), hosts }
}
