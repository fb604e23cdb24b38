//! Where an etcd is reached.

use std::fmt;
use std::str::FromStr;

use crate::kernel::model::{Address, Invalid, with_port};

/// An address and a port.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Endpoint {
    pub address: Address,
    pub port: u16,
}

impl FromStr for Endpoint {
    type Err = Invalid;

    /// `10.0.0.1:2379`, `[fd00::1]:2379`, `etcd1.example.org:2379`.
    fn from_str(text: &str) -> Result<Self, Invalid> {
        if text.contains("://") {
            return Err(Invalid::new("is a URL; an address and a port stand here, as 10.0.0.1:2379"));
        }
        let (address, port) =
            with_port(text).ok_or_else(|| Invalid::new("is no address with a port, as 10.0.0.1:2379"))?;
        match (address.parse(), port) {
            (_, 0) => Err(Invalid::new("has port 0, which is none")),
            (Ok(address), port) => Ok(Self { address, port }),
            (Err(reason), _) => Err(reason),
        }
    }
}

impl fmt::Display for Endpoint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}", self.address.in_url(), self.port)
    }
}

#[cfg(test)]
mod tests {
    use super::Endpoint;

    #[test]
    fn an_endpoint_is_an_address_with_a_port() {
        for text in ["10.0.0.1:2379", "[fd00::1]:2379", "etcd1.example.org:2380"] {
            assert_eq!(text.parse::<Endpoint>().unwrap().to_string(), text);
        }
        for bad in
            ["", "10.0.0.1", "http://10.0.0.1:2379", "10.0.0.1:0", "fd00::1", "10.0.0.1:x", "a b:1", "x\n:1"]
        {
            assert!(bad.parse::<Endpoint>().is_err(), "{bad}");
        }
    }
}
