//! Names and addresses that a certificate is valid for.

use std::fmt;
use std::net::IpAddr;

use rustls::pki_types::DnsName;

use crate::kernel::inventory::text::shown;
use crate::kernel::model::{Address, NodeName};

/// A subject alternative name: a DNS name, which may begin with `*.` in a certificate, or an IP address.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum San {
    Dns(String),
    Ip(IpAddr),
}

impl San {
    /// A name or an address, as somebody writes it.
    pub fn of(text: &str) -> Self {
        match text.parse::<IpAddr>() {
            Ok(ip) => Self::Ip(ip.to_canonical()),
            Err(_) => Self::Dns(text.strip_suffix('.').unwrap_or(text).to_ascii_lowercase()),
        }
    }

    /// Whether it can be issued, and a TLS library can look for it: an address, or a DNS name without `*`, whose last
    /// label is not a number. The name of a node need not be one.
    pub fn is_valid(&self) -> bool {
        match self {
            Self::Ip(_) => true,
            Self::Dns(name) => DnsName::try_from(name.as_str()).is_ok(),
        }
    }

    /// Whether a certificate with this name answers to `wanted`. `*` stands for one whole label.
    pub fn covers(&self, wanted: &Self) -> bool {
        match (self, wanted) {
            (Self::Ip(own), Self::Ip(wanted)) => own == wanted,
            (Self::Dns(own), Self::Dns(wanted)) => match own.strip_prefix("*.") {
                Some(domain) => wanted
                    .split_once('.')
                    .is_some_and(|(label, rest)| !label.is_empty() && rest.eq_ignore_ascii_case(domain)),
                None => own.eq_ignore_ascii_case(wanted),
            },
            _ => false,
        }
    }
}

impl From<&Address> for San {
    fn from(address: &Address) -> Self {
        Self::of(&address.to_string())
    }
}

impl From<&NodeName> for San {
    fn from(name: &NodeName) -> Self {
        Self::of(name.as_str())
    }
}

/// Short, and harmless to a terminal. A name that looks like an address is `DNS:10.0.0.1`.
impl fmt::Display for San {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Dns(name) if name.parse::<IpAddr>().is_ok() => write!(f, "DNS:{name}"),
            Self::Dns(name) => f.pad(&shown(name)),
            Self::Ip(ip) => f.pad(&ip.to_string()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_star_stands_for_one_label() {
        let covers = |own: &str, wanted: &str| San::of(own).covers(&San::of(wanted));
        assert!(covers("db1.shop.example", "DB1.Shop.example."));
        assert!(covers("*.shop.example", "db1.shop.example"));
        assert!(!covers("*.shop.example", "shop.example"));
        assert!(!covers("*.shop.example", "a.db1.shop.example"));
        assert!(!covers("*.shop.example", ".shop.example"));
        assert!(!covers("db1", "db11") && !covers("10.0.0.1", "10.0.0.2"));
    }

    #[test]
    fn an_address_is_no_name() {
        assert_eq!(San::of("::ffff:10.0.0.1"), San::of("10.0.0.1"));
        assert!(!San::Dns("10.0.0.1".into()).covers(&San::of("10.0.0.1")));
    }

    #[test]
    fn not_every_name_of_a_node_can_be_issued() {
        for good in ["db1", "db_1", "db1.shop.example", "10.0.0.1", "fd00::1"] {
            assert!(San::of(good).is_valid(), "{good}");
        }
        for bad in ["1", "db.1", "a..b", "", "a b", "*.shop.example", "db-"] {
            assert!(!San::of(bad).is_valid(), "{bad}");
        }
    }

    #[test]
    fn a_name_moves_no_cursor() {
        assert_eq!(San::of("a\u{1b}[2J").to_string(), "a\\u{1b}[2j");
    }
}
