//! The endpoint held against the members of the inventory.

use super::{Node, Proxy};
use crate::galera::endpoint::inventory::{PEER_PORT, bad_port};
use crate::galera::endpoint::{Endpoint, Writes};
use crate::galera::model::Service;
use crate::galera::proxy::Kind;
use crate::galera::proxy::proxysql::{ADMIN_PORT, Proxysql};
use crate::kernel::inventory::Entry;
use crate::kernel::inventory::note::Note;
use crate::kernel::model::Address;

/// Ports that every data node uses for SST, replication and IST.
const GROUP_PORTS: [u16; 3] = [4444, 4567, 4568];

/// The endpoint held against the members: ports that they have, and the address that proxies share. `members`: the
/// addresses of all.
pub fn check(endpoint: Endpoint, nodes: &[Node], proxies: &[Proxy], members: &[&Address]) -> Vec<Note> {
    let mut notes = Vec::new();
    let clients = nodes.iter().map(|node| node.port(Service::Clients));
    if is_a_nodes(endpoint.health_port, clients) {
        notes.push(bad_port(
            "health_port",
            &format!("the nodes need {} for themselves", endpoint.health_port),
        ));
    }
    for (field, port) in [("write_port", endpoint.write_port), ("read_port", endpoint.read_port)] {
        if port == PEER_PORT {
            notes.push(bad_port(field, &format!("the proxies need {port} for themselves")));
        }
    }
    notes.extend(several_writers(endpoint, proxies));
    notes.extend(port_of_admin(endpoint, proxies));
    let Some(shared) = endpoint.virtual_address else { return notes };
    let proxies = proxies.iter().map(|proxy| proxy as &dyn Entry);
    notes.extend(shared.check(members.iter().copied(), proxies));
    notes
}

/// A data node needs this port for itself. `clients`: the ports at which clients reach the nodes.
pub fn is_a_nodes(port: u16, clients: impl Iterator<Item = u16>) -> bool {
    clients.chain(GROUP_PORTS).any(|it| it == port)
}

/// HAProxy tells its peers which node takes the writes. Other kinds have no peers, so clients of two proxies may write
/// on two nodes; with a shared address, all clients use one proxy.
fn several_writers(endpoint: Endpoint, proxies: &[Proxy]) -> Option<Note> {
    if endpoint.writes == Writes::Any || endpoint.virtual_address.is_some() || proxies.len() < 2 {
        return None;
    }
    let (index, alone) = proxies.iter().enumerate().find(|(_, proxy)| proxy.kind != Kind::Haproxy)?;
    let message = format!(
        "{} runs {}, which chooses by itself who takes the writes: clients of two proxies may write on two nodes",
        alone.name,
        alone.kind.name()
    );
    let note = Note::warning("several-writers", format!("proxies[{index}].kind"), message);
    Some(note.hint("let the proxies share an address (`virtual_address`), use haproxy, or set `writes: any`"))
}

/// ProxySQL needs one more port, for its admin interface.
fn port_of_admin(endpoint: Endpoint, proxies: &[Proxy]) -> Option<Note> {
    proxies.iter().find(|proxy| proxy.kind == Kind::Proxysql)?;
    let ports = [("write_port", endpoint.write_port), ("read_port", endpoint.read_port)];
    let (field, port) = ports.into_iter().find(|(_, port)| *port == ADMIN_PORT)?;
    Some(bad_port(field, &format!("ProxySQL needs {port} for itself")))
}

/// The section `proxysql` is there if, and only if, there is a proxy of that kind.
pub fn section_of_proxysql(section: Option<&Proxysql>, proxies: &[Proxy]) -> Option<Note> {
    let first = proxies.iter().position(|proxy| proxy.kind == Kind::Proxysql);
    match (section, first) {
        (None, Some(index)) => {
            let path = format!("proxies[{index}].kind");
            let message = "ProxySQL checks passwords itself, and no account is named";
            Some(
                Note::error("proxysql-users", path, message).hint(
                    "add a section: `proxysql: {users: [{name: shop, password: {env: SHOP_PASSWORD}}]}`",
                ),
            )
        }
        (Some(_), None) => {
            let note = Note::error("proxysql-unused", "proxysql", "no proxy has `kind: proxysql`").at_key();
            Some(note.hint("remove the section, or write `kind: proxysql` to a proxy"))
        }
        _ => None,
    }
}
