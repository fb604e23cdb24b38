//! Where a node is reached: an IP address or a host name.

use std::fmt;
use std::net::IpAddr;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use super::Invalid;

/// An IP address in canonical form, or a host name in lower case.
///
/// Canonical form is what makes two spellings of one address (`::1` and `0:0::1`) equal.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub enum Address {
    Ip(IpAddr),
    Host(String),
}

impl Address {
    /// The IP address; `None`: it is a name.
    pub fn ip(&self) -> Option<IpAddr> {
        match self {
            Self::Ip(ip) => Some(*ip),
            Self::Host(_) => None,
        }
    }

    /// The address as it stands in a URL-like list such as `gcomm://…`: IPv6 in brackets.
    pub fn in_url(&self) -> String {
        match self {
            Self::Ip(IpAddr::V6(ip)) => format!("[{ip}]"),
            other => other.to_string(),
        }
    }
}

impl FromStr for Address {
    type Err = Invalid;

    fn from_str(text: &str) -> Result<Self, Invalid> {
        let bare = text.strip_prefix('[').and_then(|t| t.strip_suffix(']')).unwrap_or(text);
        if let Ok(ip) = bare.parse::<IpAddr>() {
            return usable(ip.to_canonical()).map(Self::Ip);
        }
        let name = text.strip_suffix('.').unwrap_or(text).to_ascii_lowercase();
        if with_port(text).is_some_and(|(address, _)| address.parse::<Self>().is_ok()) {
            return Err(Invalid::new("has a port, and an address stands alone here"));
        }
        if looks_like_a_broken_ip(&name) {
            return Err(Invalid::new("is neither an IP address nor a host name"));
        }
        host_name(&name)?;
        Ok(Self::Host(name))
    }
}

/// Refuses addresses that no peer can be reached at.
fn usable(ip: IpAddr) -> Result<IpAddr, Invalid> {
    let of_no_host = match ip {
        // "This network" (RFC 791), and all hosts of it (RFC 919).
        IpAddr::V4(ip) => ip.octets()[0] == 0 || ip.is_broadcast(),
        IpAddr::V6(ip) => ip.is_unspecified(),
    };
    if of_no_host || ip.is_multicast() {
        return Err(Invalid::new("is not the address of one host"));
    }
    if matches!(ip, IpAddr::V6(ip) if ip.is_unicast_link_local()) {
        return Err(Invalid::new("is a link-local address, which means another host on every interface"));
    }
    Ok(ip)
}

/// `10.0.0.256`, `10.0.0` and `0x0a.0.0.1` parse as host names; nobody means them so, and some resolvers take the
/// last two for addresses. No top-level domain is a number (RFC 3696, section 2).
fn looks_like_a_broken_ip(name: &str) -> bool {
    let last = name.rsplit('.').next().unwrap_or_default();
    let hex = last.strip_prefix("0x").is_some_and(|rest| rest.chars().all(|c| c.is_ascii_hexdigit()));
    name.contains(':') || hex || !last.is_empty() && last.chars().all(|c| c.is_ascii_digit())
}

/// `10.0.0.1:3306` → `10.0.0.1`. Of several colons outside brackets none begins a port: that is an IPv6
/// address by itself.
pub fn without_port(member: &str) -> &str {
    match (member.strip_prefix('['), member.split_once(':')) {
        (Some(bracketed), _) => bracketed.split(']').next().unwrap_or(bracketed),
        (None, Some((host, port))) if !port.contains(':') => host,
        _ => member,
    }
}

/// `10.0.0.1:4567` → `10.0.0.1` and its port, `[fd00::1]:4567` → `fd00::1` and its port; `None` where there is no port.
pub fn with_port(member: &str) -> Option<(String, u16)> {
    let address = without_port(member);
    let (_, port) =
        member.rsplit_once(':').filter(|(before, _)| before.trim_matches(['[', ']']) == address)?;
    Some((address.to_owned(), port.parse().ok()?))
}

/// RFC 1123, section 2.1.
fn host_name(name: &str) -> Result<(), Invalid> {
    let label = |label: &str| {
        (1..=63).contains(&label.len())
            && label.chars().all(|c| c.is_ascii_alphanumeric() || c == '-')
            && !label.starts_with('-')
            && !label.ends_with('-')
    };
    if name.is_empty() || name.len() > 253 || !name.split('.').all(label) {
        return Err(Invalid::new("is neither an IP address nor a host name"));
    }
    Ok(())
}

impl fmt::Display for Address {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Ip(ip) => f.pad(&ip.to_string()),
            Self::Host(name) => f.pad(name),
        }
    }
}

impl TryFrom<String> for Address {
    type Error = Invalid;
    fn try_from(text: String) -> Result<Self, Invalid> {
        text.parse()
    }
}

impl From<Address> for String {
    fn from(address: Address) -> Self {
        address.to_string()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn spellings_of_one_address_are_equal() {
        let same = |a: &str, b: &str| a.parse::<Address>().unwrap() == b.parse().unwrap();
        assert!(same("::1", "[0:0::1]"));
        assert!(same("10.0.0.1", "::ffff:10.0.0.1"));
        assert!(same("DB1.example.org.", "db1.example.org"));
    }

    #[test]
    fn an_address_that_no_peer_can_use_is_refused() {
        for bad in [
            "",
            "10.0.0.256",
            "10.0.0",
            "10.0.0.1.",
            "10.0.0.1..",
            "010.0.0.1",
            "10.0.0.08",
            "0x0a.0.0.1",
            "10.0.0.0x1",
            "0xa000001",
            "167772161",
            "0.0.0.0",
            "0.1.2.3",
            "255.255.255.255",
            "224.0.0.1",
            "239.255.255.255",
            "::",
            "::0.0.0.0",
            "::ffff:255.255.255.255",
            "ff02::1",
            "fe80::1",
            "fe80::1%eth0",
            "a b",
            "-a",
            "10.0.0.1:4567",
            "[fd00::1]:4567",
            "db1:4567",
            "10.0.0.1/24",
            "10.0.0.1,10.0.0.2",
            "a_b",
            "x\n",
        ] {
            assert!(bad.parse::<Address>().is_err(), "{bad:?}");
        }
        for good in
            ["10.0.0.1", "255.255.255.254", "fd00::1", "db-1", "db1.0x1g", "1a", "xn--bcher-kva.example"]
        {
            assert!(good.parse::<Address>().is_ok(), "{good:?}");
        }
    }

    #[test]
    fn a_port_is_told_from_an_address() {
        for (text, told) in [
            ("10.0.0.1:4567", Some(("10.0.0.1", 4567))),
            ("[fd00::1]:5567", Some(("fd00::1", 5567))),
            ("db1:4567", Some(("db1", 4567))),
            ("10.0.0.1", None),
            ("fd00::1", None),
            ("[fd00::1]", None),
            ("db1:", None),
            ("db1:x", None),
        ] {
            assert_eq!(with_port(text), told.map(|(address, port)| (address.to_owned(), port)), "{text}");
        }
    }

    #[test]
    fn ipv6_stands_in_brackets_in_a_url() {
        assert_eq!("fd00::1".parse::<Address>().unwrap().in_url(), "[fd00::1]");
    }
}
