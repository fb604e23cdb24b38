//! A server's version.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use super::Invalid;

/// A server's version, read leniently from `mariadbd --version` or a package version.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct ServerVersion {
    pub major: u16,
    pub minor: u16,
    pub patch: u16,
}

impl ServerVersion {
    /// Major and minor: nodes of one series can exchange a mariabackup SST.
    pub fn series(self) -> (u16, u16) {
        (self.major, self.minor)
    }
}

impl FromStr for ServerVersion {
    type Err = Invalid;

    /// Takes the first `N.N.N` in the text: `mariadbd  Ver 10.11.19-MariaDB-…`, `1:10.11.19-0+deb12u1`.
    fn from_str(text: &str) -> Result<Self, Invalid> {
        text.split(|c: char| !(c.is_ascii_digit() || c == '.'))
            .find_map(|word| {
                let mut parts = word.split('.').map(str::parse::<u16>);
                let version = Self {
                    major: parts.next()?.ok()?,
                    minor: parts.next()?.ok()?,
                    patch: parts.next()?.ok()?,
                };
                Some(version)
            })
            .ok_or_else(|| Invalid::new("holds no version number"))
    }
}

impl TryFrom<String> for ServerVersion {
    type Error = Invalid;
    fn try_from(text: String) -> Result<Self, Invalid> {
        text.parse()
    }
}

impl From<ServerVersion> for String {
    fn from(version: ServerVersion) -> Self {
        version.to_string()
    }
}

impl fmt::Display for ServerVersion {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{}.{}", self.major, self.minor, self.patch)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn versions_are_found_in_what_servers_and_packages_print() {
        for (text, expected) in [
            (
                "mariadbd  Ver 10.11.19-MariaDB-0+deb12u1 for debian-linux-gnu on x86_64 (Debian 12)",
                "10.11.19",
            ),
            ("1:11.8.6-0+deb13u1", "11.8.6"),
            ("/usr/sbin/mysqld  Ver 8.0.36-28.1 for Linux", "8.0.36"),
        ] {
            assert_eq!(text.parse::<ServerVersion>().unwrap().to_string(), expected);
        }
        assert!("no number".parse::<ServerVersion>().is_err());
    }
}
