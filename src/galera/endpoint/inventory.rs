//! The inventory's section `endpoint`: what applications connect to.

use std::fmt;
use std::net::IpAddr;
use std::str::FromStr;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::kernel::inventory::note::Note;
use crate::kernel::inventory::text::shown;
use crate::kernel::model::Invalid;

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

/// An address that one of several hosts has, and the length of its network's prefix.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct VirtualAddress {
    pub address: IpAddr,
    prefix: u8,
}

impl VirtualAddress {
    /// The virtual router id of keepalived (VRRP): the address's last byte, which differs from that of every other
    /// shared address of a small network. 0 is no valid id.
    pub fn router_id(self) -> u8 {
        let last = match self.address {
            IpAddr::V4(address) => address.octets()[3],
            IpAddr::V6(address) => address.octets()[15],
        };
        last.max(1)
    }
}

impl fmt::Display for VirtualAddress {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.address, self.prefix)
    }
}

impl FromStr for VirtualAddress {
    type Err = Invalid;

    fn from_str(text: &str) -> Result<Self, Invalid> {
        let wrong = || Invalid::new("is no address with the length of its prefix, such as 10.0.0.20/24");
        let (address, prefix) = text.split_once('/').ok_or_else(wrong)?;
        let address: IpAddr = address.parse().map_err(|_| wrong())?;
        let longest = if address.is_ipv4() { 32 } else { 128 };
        let prefix = prefix.parse().ok().filter(|prefix| (1..=longest).contains(prefix)).ok_or_else(wrong)?;
        Ok(Self { address, prefix })
    }
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
        let virtual_address = self.virtual_address.as_deref().map(VirtualAddress::from_str);
        let endpoint = Endpoint {
            writes: self.writes.unwrap_or_default(),
            write_port: self.write_port.unwrap_or(WRITE_PORT),
            read_port: self.read_port.unwrap_or(READ_PORT),
            health_port: self.health_port.unwrap_or(HEALTH_PORT),
            drain_seconds: self.drain.unwrap_or(DRAIN_SECONDS),
            virtual_address: virtual_address.as_ref().and_then(|parsed| parsed.as_ref().ok()).copied(),
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
        let path = "endpoint.virtual_address";
        match virtual_address {
            Some(Err(reason)) => {
                let text = self.virtual_address.as_deref().unwrap_or_default();
                notes.push(Note::error("value", path, format!("`{}` {reason}", shown(text))));
            }
            Some(Ok(_)) if proxies < 2 => {
                let note =
                    Note::error("virtual-address", path, "an address is shared by two proxies or more");
                notes.push(
                    note.hint(
                        "add another one under `proxies`; clients of a single proxy use its own address",
                    ),
                );
            }
            _ => {}
        }
        (endpoint, notes)
    }
}

/// What is wrong with a port of the section.
pub fn bad_port(field: &str, message: &str) -> Note {
    Note::error("endpoint-port", format!("endpoint.{field}"), message)
        .hint("a proxy has a port for writes and one for reads, and each node one to tell whether it serves")
}
