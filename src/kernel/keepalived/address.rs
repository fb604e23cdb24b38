//! The address that proxies share, as the inventory's section `endpoint` says it.

use std::fmt;
use std::net::IpAddr;
use std::str::FromStr;

use crate::kernel::inventory::Entry;
use crate::kernel::inventory::note::Note;
use crate::kernel::inventory::text::shown;
use crate::kernel::model::{Address, Invalid};

/// Where it stands in an inventory.
const PLACE: &str = "endpoint.virtual_address";

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

    /// What is written, and what is wrong with it. `proxies`: how many there are.
    pub fn written(text: Option<&str>, proxies: usize) -> (Option<Self>, Option<Note>) {
        let Some(text) = text else { return (None, None) };
        match text.parse() {
            Ok(address) if proxies < 2 => {
                let note =
                    Note::error("virtual-address", PLACE, "an address is shared by two proxies or more");
                let hint = "add another one under `proxies`; clients of a single proxy use its own address";
                (Some(address), Some(note.hint(hint)))
            }
            Ok(address) => (Some(address), None),
            Err(reason) => {
                let note = Note::error("value", PLACE, format!("`{}` {reason}", shown(text)));
                (None, Some(note))
            }
        }
    }

    /// It held against the inventory. `members`: the addresses of all entries.
    pub fn check<'a>(
        self,
        mut members: impl Iterator<Item = &'a Address>,
        proxies: impl Iterator<Item = &'a dyn Entry>,
    ) -> Vec<Note> {
        let mut notes = Vec::new();
        if members.any(|address| matches!(address, Address::Ip(ip) if *ip == self.address)) {
            let message = format!("{} is the address of a member", self.address);
            let note = Note::error("duplicate-address", PLACE, message);
            notes.push(note.hint("name an address that no host has: the proxies bring it up themselves"));
        }
        let alike = |it: &&dyn Entry| matches!(it.address(), Address::Ip(ip) if ip.is_ipv4() == self.address.is_ipv4());
        if let Some(other) = proxies.into_iter().find(|proxy| !alike(proxy)) {
            let message = format!("{} has the address {}", other.name(), other.address());
            let note = Note::error("virtual-address", PLACE, message);
            let hint = "give every proxy an IP address of the shared one's kind: keepalived knows no names";
            notes.push(note.hint(hint));
        }
        notes
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
