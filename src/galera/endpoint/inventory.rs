//! The inventory's section `endpoint`: what applications connect to.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::kernel::inventory::note::Note;
use crate::kernel::keepalived::VirtualAddress;

const WRITE_PORT: u16 = 3306;
const READ_PORT: u16 = 3307;
const HEALTH_PORT: u16 = 9200;
const DRAIN_SECONDS: u64 = 30;
/// Where proxies tell each other which node takes the writes.
pub const PEER_PORT: u16 = 9201;

/// Which nodes take writes.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Writes {
    /// One node does; another one only when that one fails or leaves.
    #[default]
    Single,
    /// Every node does.
    Any,
}

/// What applications connect to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Endpoint {
    pub writes: Writes,
    /// Ports of each proxy.
    pub write_port: u16,
    pub read_port: u16,
    /// The port of each node at which it says over HTTP whether it serves.
    pub health_port: u16,
    /// How long the sessions of a node may take to end before it leaves.
    pub drain_seconds: u64,
    /// The address that the proxies share.
    pub virtual_address: Option<VirtualAddress>,
}

/// The section as it is written.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct RawEndpoint {
    /// `single`: one node takes all writes, and another one only when it fails or leaves; `any`: every node takes
    /// writes. Default: `single`.
    pub writes: Option<Writes>,
    /// The port of each proxy for clients that write. Default: 3306.
    pub write_port: Option<u16>,
    /// The port of each proxy for clients that only read. Default: 3307.
    pub read_port: Option<u16>,
    /// The port of each data node at which it says over HTTP whether it serves. Default: 9200.
    pub health_port: Option<u16>,
    /// Seconds that the sessions of a node may take to end before galactl stops it. Default: 30.
    pub drain: Option<u64>,
    /// An address that two proxies or more share, and the length of its network's prefix: `10.0.0.20/24`. One of the
    /// proxies has it; keepalived moves it when that one fails.
    pub virtual_address: Option<String>,
}

impl RawEndpoint {
    /// The endpoint with every default applied, and what is wrong with it.
    pub fn resolved(&self, proxies: usize) -> (Endpoint, Vec<Note>) {
        let (virtual_address, wrong) = VirtualAddress::written(self.virtual_address.as_deref(), proxies);
        let endpoint = Endpoint {
            writes: self.writes.unwrap_or_default(),
            write_port: self.write_port.unwrap_or(WRITE_PORT),
            read_port: self.read_port.unwrap_or(READ_PORT),
            health_port: self.health_port.unwrap_or(HEALTH_PORT),
            drain_seconds: self.drain.unwrap_or(DRAIN_SECONDS),
            virtual_address,
        };
        let ports = [
            ("write_port", self.write_port),
            ("read_port", self.read_port),
            ("health_port", self.health_port),
        ];
        let zero = ports.iter().filter(|(_, port)| *port == Some(0));
        let mut notes: Vec<_> = zero.map(|(field, _)| bad_port(field, "0 is no port")).collect();
        if endpoint.write_port == endpoint.read_port {
            let field = if self.read_port.is_some() { "read_port" } else { "write_port" };
            notes.push(bad_port(field, &format!("{} is the other port already", endpoint.read_port)));
        }
        notes.extend(wrong);
        (endpoint, notes)
    }
}

/// What is wrong with a port of the section.
pub fn bad_port(field: &str, message: &str) -> Note {
    Note::error("endpoint-port", format!("endpoint.{field}"), message)
        .hint("a proxy has a port for writes and one for reads, and each node one to tell whether it serves")
}
