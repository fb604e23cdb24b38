//! The file with which a proxy runs.

use std::sync::LazyLock;

use serde::Serialize;

use crate::galera::endpoint::inventory::PEER_PORT;
use crate::galera::endpoint::{Endpoint, Writes};
use crate::galera::inventory::Inventory;
use crate::galera::model::Service;
use crate::galera::monitoring::Job;
use crate::galera::proxy::Proxy;
use crate::kernel::haproxy::GLOBAL;
use crate::kernel::model::{NodeName, sha256};
use crate::kernel::templates::Templates;

pub use crate::kernel::haproxy::FILE;
/// The section for clients that write.
pub const WRITE: &str = "galactl-write";

static TEMPLATES: LazyLock<Templates> =
    LazyLock::new(|| Templates::of(&[GLOBAL, (FILE, include_str!("../../../../templates/haproxy.cfg"))]));

/// What the template may use.
#[derive(Serialize)]
struct View<'a> {
    proxy: &'a str,
    writes: Writes,
    write_port: u16,
    read_port: u16,
    health_port: u16,
    peer_port: u16,
    bind: &'static str,
    bind_options: &'static str,
    peers: Vec<Place<'a>>,
    nodes: Vec<Place<'a>>,
    metrics: Option<Metrics>,
}

/// Where Prometheus asks the proxy itself.
#[derive(Serialize)]
struct Metrics {
    address: String,
    port: u16,
    /// Addresses, separated by blanks.
    asked_from: String,
}

#[derive(Serialize)]
struct Place<'a> {
    id: u32,
    name: &'a str,
    address: String,
    port: u16,
}

/// The names of the backends that ask the nodes begin with this, as in the template.
pub const NODE_BACKEND: &str = "galactl-node-";

/// The backend of a proxy that asks this node whether it serves.
pub fn checking(node: &NodeName) -> String {
    format!("{NODE_BACKEND}{node}")
}

/// A node's number in the table that says who takes the writes. It depends on the name alone, so that it stays when
/// other nodes come and go, and is the same on all proxies.
pub fn number(node: &NodeName) -> u32 {
    let digest = sha256(node.as_str());
    // Seven hexadecimal digits fit into HAProxy's signed numbers; 0 is none.
    u32::from_str_radix(&digest[..7], 16).map_or(1, |number| number + 1)
}

/// The file's text. Nodes stand in start order: the first one that serves takes the writes first.
pub fn text(inventory: &Inventory, endpoint: Endpoint, proxy: &Proxy) -> String {
    let ipv6 = inventory.has_clients_on_ipv6(proxy);
    let peers = inventory.proxies().iter().filter(|it| it.kind == proxy.kind).map(|it| Place {
        id: 0,
        name: it.name.as_str(),
        address: it.address.in_url(),
        port: PEER_PORT,
    });
    let nodes = inventory.start_order().map(|it| Place {
        id: number(&it.name),
        name: it.name.as_str(),
        address: it.address.in_url(),
        port: it.port(Service::Clients),
    });
    let view = View {
        proxy: proxy.name.as_str(),
        writes: endpoint.writes,
        write_port: endpoint.write_port,
        read_port: endpoint.read_port,
        health_port: endpoint.health_port,
        peer_port: PEER_PORT,
        bind: if ipv6 { "[::]" } else { "" },
        bind_options: if ipv6 { " v4v6" } else { "" },
        peers: peers.collect(),
        nodes: nodes.collect(),
        metrics: metrics(inventory, proxy),
    };
    TEMPLATES.render(FILE, &view)
}

fn metrics(inventory: &Inventory, proxy: &Proxy) -> Option<Metrics> {
    let asked_from: Vec<_> = inventory.proxies_asked_from().iter().map(ToString::to_string).collect();
    let (address, port) = (proxy.address.in_url(), Job::Haproxy.port());
    (!asked_from.is_empty()).then(|| Metrics { address, port, asked_from: asked_from.join(" ") })
}
