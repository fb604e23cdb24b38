//! The inventory's section `endpoint`: the ports of each proxy, and the address that they share.

use schemars::JsonSchema;
use serde::Deserialize;

use crate::kernel::inventory::note::Note;
use crate::kernel::keepalived::VirtualAddress;
use crate::patroni::model::{ETCD_CLIENT_PORT, ETCD_PEER_PORT};

/// The ports of each proxy at which applications come.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ClientPorts {
    /// It leads to the primary.
    pub write: u16,
    /// It leads to the standbys, and to the primary where there is none.
    pub read: u16,
}

impl Default for ClientPorts {
    fn default() -> Self {
        Self { write: 5000, read: 5001 }
    }
}

/// The section as it is written.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct RawEndpoint {
    /// The port of each proxy that leads to the primary. Default: 5000.
    pub write_port: Option<u16>,
    /// The port of each proxy that leads to the standbys, and to the primary where there is none. Default: 5001.
    pub read_port: Option<u16>,
    /// An address that two proxies or more share, and the length of its network's prefix: `10.0.0.20/24`. One of the
    /// proxies has it; keepalived moves it when that one fails.
    pub virtual_address: Option<String>,
}

impl RawEndpoint {
    /// The ports with every default applied, the address that the proxies share, and what is wrong with them. `proxies`:
    /// how many there are.
    pub fn resolved(&self, proxies: usize) -> (ClientPorts, Option<VirtualAddress>, Vec<Note>) {
        let usual = ClientPorts::default();
        let ports = ClientPorts {
            write: self.write_port.unwrap_or(usual.write),
            read: self.read_port.unwrap_or(usual.read),
        };
        let written = [("write_port", self.write_port), ("read_port", self.read_port)];
        let unfit = |(field, port): (&str, Option<u16>)| match port? {
            0 => Some(bad(field, "0 is no port")),
            port @ (ETCD_CLIENT_PORT | ETCD_PEER_PORT) => {
                Some(bad(field, &format!("{port} is a port of etcd, which may be on a proxy's host")))
            }
            _ => None,
        };
        let mut notes: Vec<_> = written.into_iter().filter_map(unfit).collect();
        if ports.write == ports.read {
            let field = if self.read_port.is_some() { "read_port" } else { "write_port" };
            notes.push(bad(field, &format!("{} is the other port already", ports.read)));
        }
        let (shared, wrong) = VirtualAddress::written(self.virtual_address.as_deref(), proxies);
        notes.extend(wrong);
        (ports, shared, notes)
    }
}

fn bad(field: &str, message: &str) -> Note {
    let note = Note::error("endpoint-port", format!("endpoint.{field}"), message);
    note.hint("a proxy has a port that leads to the primary, and one that leads to the standbys")
}
