//! The file with which a proxy runs.

use std::sync::LazyLock;

use serde::Serialize;

use super::{ClientPorts, Proxy};
use crate::kernel::facts::ConfigFile;
use crate::kernel::haproxy::{self, FILE, GLOBAL};
use crate::kernel::model::Address;
use crate::kernel::plan::PutFile;
use crate::kernel::templates::Templates;
use crate::patroni::inventory::Inventory;
use crate::patroni::model::REST_PORT;

/// The section for clients that write.
pub const WRITE: &str = "galactl-write";
/// The section for clients that only read.
pub const READ: &str = "galactl-read";

static TEMPLATES: LazyLock<Templates> = LazyLock::new(|| {
    Templates::of(&[GLOBAL, (FILE, include_str!("../../../templates/haproxy-patroni.cfg"))])
});

/// What the template may use.
#[derive(Serialize)]
struct View<'a> {
    write_port: u16,
    read_port: u16,
    rest_port: u16,
    bind: &'static str,
    bind_options: &'static str,
    /// Networks and addresses from which clients may come.
    sources: Vec<String>,
    nodes: Vec<Server<'a>>,
}

#[derive(Serialize)]
struct Server<'a> {
    name: &'a str,
    address: String,
    port: u16,
}

/// The file's text. It is one for all proxies.
pub fn text(inventory: &Inventory, ports: ClientPorts) -> String {
    let ipv6 = has_ipv6(inventory);
    let port = inventory.postgresql.port;
    let nodes = inventory.nodes.iter();
    let nodes = nodes.map(|it| Server { name: it.name.as_str(), address: it.address.in_url(), port });
    let view = View {
        write_port: ports.write,
        read_port: ports.read,
        rest_port: REST_PORT,
        bind: if ipv6 { "[::]" } else { "" },
        bind_options: if ipv6 { " v4v6" } else { "" },
        sources: sources(inventory),
        nodes: nodes.collect(),
    };
    TEMPLATES.render(FILE, &view)
}

/// To PostgreSQL, who comes through a proxy comes from the proxy. So the proxy itself lets in those alone that
/// `clients` names, and the nodes, from which galactl proves the endpoint.
fn sources(inventory: &Inventory) -> Vec<String> {
    let clients = inventory.clients.iter().map(ToString::to_string);
    clients.chain(inventory.nodes.iter().map(|node| node.address.to_string())).collect()
}

/// Clients may come by IPv6.
fn has_ipv6(inventory: &Inventory) -> bool {
    let of_proxy = |proxy: &Proxy| matches!(proxy.address, Address::Ip(ip) if ip.is_ipv6());
    inventory.clients.iter().any(|network| network.is_ipv6())
        || inventory.proxies.iter().any(of_proxy)
        || inventory.shared_address.is_some_and(|shared| shared.address.is_ipv6())
}

/// The file as it is to be, in place of what is there.
pub fn wanted(
    inventory: &Inventory,
    ports: ClientPorts,
    proxy: &Proxy,
    there: Option<&ConfigFile>,
) -> PutFile {
    haproxy::finished(PutFile::of_root(&proxy.host, FILE, text(inventory, ports), there))
}
