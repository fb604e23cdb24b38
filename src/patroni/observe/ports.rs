//! The ports of the hosts, tried from every other host.

use std::collections::BTreeMap;

use crate::kernel::facts::PortMatrix;
use crate::kernel::model::NodeName;
use crate::kernel::transport::Fleet;
use crate::kernel::transport::ports::{Probe, Side};
use crate::patroni::facts::{EtcdFacts, HostFacts};
use crate::patroni::inventory::Inventory;
use crate::patroni::model::{ETCD_CLIENT_PORT, ETCD_PEER_PORT, REST_PORT, Service};
use crate::patroni::observation::Observation;

/// The programs to which the ports belong.
const OWN: &str = "postgres|patroni|etcd";

/// Tries every port of every host that was seen from every other one. For a few seconds something listens where nothing
/// runs yet.
pub async fn probe(inventory: &Inventory, fleet: &Fleet, observation: &Observation) -> PortMatrix<Service> {
    let mut sides: BTreeMap<&NodeName, Side<Service>> = BTreeMap::new();
    let side = |name: &NodeName, address: String, busy| {
        let host = fleet.host_of(name)?;
        Some(Side { node: name.clone(), host, address, ports: Vec::new(), busy })
    };
    for node in &inventory.nodes {
        let facts = observation.facts(&node.name);
        let Some(mut own) = facts.and_then(|it| side(&node.name, node.address.to_string(), busy(it))) else {
            continue;
        };
        own.ports = vec![(Service::Server, inventory.postgresql.port), (Service::Rest, REST_PORT)];
        sides.insert(&node.name, own);
    }
    for member in inventory.etcd.members() {
        let etcd = observation.etcd().find(|(name, _)| **name == member.name).map(|(_, etcd)| etcd);
        let own = etcd.and_then(|etcd| side(&member.name, member.address.to_string(), starts(etcd)));
        let Some(own) = own else { continue };
        let known = sides.entry(&member.name).or_insert(own);
        known.ports.extend([(Service::EtcdClients, ETCD_CLIENT_PORT), (Service::EtcdPeers, ETCD_PEER_PORT)]);
    }
    // A proxy only connects: its own ports are looked at where its program is.
    for proxy in &inventory.proxies {
        let seen = observation.proxy(&proxy.name);
        let own = seen.and_then(|_| side(&proxy.name, proxy.address.to_string(), None));
        sides.extend(own.map(|own| (&proxy.name, own)));
    }
    let sides: Vec<_> = sides.into_values().collect();
    Probe { alone: false, own: OWN, spared: &[] }.of(&sides).await
}

/// Why nothing else may listen at a node's ports, not even for a moment: what starts there needs them.
fn busy(facts: &HostFacts) -> Option<String> {
    let starts_server = facts.patroni_runs() && facts.live().is_none();
    starts_server.then(|| "its Patroni is about to start a server".to_owned()).or_else(|| starts(&facts.etcd))
}

fn starts(etcd: &EtcdFacts) -> Option<String> {
    (etcd.runs() && !etcd.unit.is_active()).then(|| "its etcd is about to start".to_owned())
}
