//! A network from which clients come.

use std::fmt;
use std::net::IpAddr;
use std::str::FromStr;

use crate::kernel::model::Invalid;

/// An address and the length of its prefix; all bits behind the prefix are 0.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Network {
    address: IpAddr,
    prefix: u8,
}

impl Network {
    /// This address alone.
    pub fn of_host(address: IpAddr) -> Self {
        Self { address, prefix: if address.is_ipv4() { 32 } else { 128 } }
    }

    pub fn is_ipv6(self) -> bool {
        self.address.is_ipv6()
    }

    /// Every address of its kind.
    pub fn is_everywhere(self) -> bool {
        self.prefix == 0
    }

    /// Some address is in both.
    pub fn overlaps(self, other: Self) -> bool {
        let prefix = self.prefix.min(other.prefix);
        self.is_ipv6() == other.is_ipv6()
            && Self::masked(self.address, prefix) == Self::masked(other.address, prefix)
    }

    /// With all bits behind the prefix set to 0.
    fn masked(address: IpAddr, prefix: u8) -> Self {
        let address = match address {
            IpAddr::V4(ip) => {
                let mask = u32::MAX.checked_shl(32 - u32::from(prefix)).unwrap_or(0);
                IpAddr::V4((u32::from(ip) & mask).into())
            }
            IpAddr::V6(ip) => {
                let mask = u128::MAX.checked_shl(128 - u32::from(prefix)).unwrap_or(0);
                IpAddr::V6((u128::from(ip) & mask).into())
            }
        };
        Self { address, prefix }
    }
}

impl FromStr for Network {
    type Err = Invalid;

    /// `10.0.0.0/24`, `fd00::/64`, or an address alone.
    fn from_str(text: &str) -> Result<Self, Invalid> {
        let (address, prefix) = text.split_once('/').map_or((text, None), |(it, prefix)| (it, Some(prefix)));
        let address: IpAddr =
            address.parse().map_err(|_| Invalid::new("is no network, such as 10.0.0.0/24 or fd00::/64"))?;
        let whole = Self::of_host(address);
        let Some(prefix) = prefix else { return Ok(whole) };
        // `+8` and `08` are numbers to Rust, and prefixes to nobody.
        let plain =
            prefix.bytes().all(|byte| byte.is_ascii_digit()) && (prefix == "0" || !prefix.starts_with('0'));
        let prefix = prefix.parse::<u8>().ok().filter(|prefix| plain && *prefix <= whole.prefix);
        let prefix = prefix.ok_or_else(|| Invalid(format!("has no prefix from 0 to {}", whole.prefix)))?;
        let network = Self::masked(address, prefix);
        if network.address != address {
            return Err(Invalid(format!("has bits behind its prefix; the network is {network}")));
        }
        Ok(network)
    }
}

impl fmt::Display for Network {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.address, self.prefix)
    }
}

#[cfg(test)]
mod tests {
    use super::Network;

    #[test]
    fn networks_overlap_where_one_holds_the_other() {
        let overlap = |one: &str, other: &str| {
            one.parse::<Network>().unwrap().overlaps(other.parse::<Network>().unwrap())
        };
        assert!(overlap("10.0.0.0/8", "10.3.0.0/16") && overlap("10.3.0.0/16", "10.0.0.0/8"));
        assert!(overlap("0.0.0.0/0", "10.3.0.0/16") && overlap("fd00::/64", "fd00::1"));
        assert!(!overlap("10.2.0.0/16", "10.3.0.0/16") && !overlap("0.0.0.0/0", "::/0"));
    }

    #[test]
    fn a_network_is_an_address_and_a_prefix_with_nothing_behind_it() {
        for (text, shown) in [
            ("10.0.0.0/24", "10.0.0.0/24"),
            ("10.0.0.7", "10.0.0.7/32"),
            ("fd00::/64", "fd00::/64"),
            ("fd00::1", "fd00::1/128"),
            ("0.0.0.0/0", "0.0.0.0/0"),
            ("::/0", "::/0"),
        ] {
            assert_eq!(text.parse::<Network>().unwrap().to_string(), shown);
        }
        for bad in [
            "",
            "10.0.0.7/24",
            "10.0.0.0/33",
            "10.0.0.0/",
            "10.0.0.0/+8",
            "10.0.0.0/08",
            "fd00::/129",
            "db1",
            "all",
            "a/b",
        ] {
            assert!(bad.parse::<Network>().is_err(), "{bad}");
        }
    }
}
