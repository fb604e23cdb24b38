//! Names that travel into command lines, SQL and option files, restricted so that they can.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::Invalid;

/// Declares a string newtype whose only way in is `FromStr` with the given check.
macro_rules! checked_name {
    ($(#[$doc:meta])* $name:ident, $check:expr) => {
        $(#[$doc])*
        #[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
        #[serde(try_from = "String", into = "String")]
        pub struct $name(String);

        impl $name {
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl std::str::FromStr for $name {
            type Err = Invalid;
            fn from_str(text: &str) -> Result<Self, Invalid> {
                let check: fn(&str) -> Result<(), Invalid> = $check;
                check(text).map(|()| Self(text.to_owned()))
            }
        }

        impl TryFrom<String> for $name {
            type Error = Invalid;
            fn try_from(text: String) -> Result<Self, Invalid> {
                text.parse()
            }
        }

        impl From<$name> for String {
            fn from(name: $name) -> Self {
                name.0
            }
        }

        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.pad(&self.0)
            }
        }
    };
}

checked_name!(
    /// A member's name: what its server calls itself and what the user types. Shaped like a host
    /// name label or dotted host name, 63 characters at most.
    NodeName,
    |text| shaped(text, 63, "._-")
);

checked_name!(
    /// What a host is called: the name of the first entry of the inventory that stands on it.
    HostName,
    |text| shaped(text, 63, "._-")
);

impl From<&HostName> for NodeName {
    fn from(name: &HostName) -> Self {
        Self(name.0.clone())
    }
}

impl From<&NodeName> for HostName {
    fn from(name: &NodeName) -> Self {
        Self(name.0.clone())
    }
}

checked_name!(
    /// A cluster's name: 1 to 32 bytes of text on one line, which is MariaDB's limit for `wsrep_cluster_name`, and
    /// fits other engines. It may hold blanks and quotes, so wherever it is put, it is quoted or encoded.
    ClusterName,
    |text| one_line(text, 32)
);

impl ClusterName {
    /// The name as one part of a path: bytes that are no letter, digit, `_`, `-` or inner `.` as `%20` and so on.
    pub fn in_path(&self) -> String {
        let plain = |at: usize, byte: u8| {
            byte.is_ascii_alphanumeric() || b"_-".contains(&byte) || byte == b'.' && at > 0
        };
        let part = |(at, byte): (usize, u8)| match plain(at, byte) {
            true => char::from(byte).to_string(),
            false => format!("%{byte:02X}"),
        };
        self.0.bytes().enumerate().map(part).collect()
    }
}

checked_name!(
    /// A systemd service unit without its suffix, such as `mariadb` or `mysql@bootstrap`.
    UnitName,
    |text| shaped(text, 64, "._-@")
);

checked_name!(
    /// A database account's user name.
    UserName,
    |text| shaped(text, 80, "._-")
);

/// Accepts any text without control characters, and without what galactl replaces in the files that it writes.
/// `longest`: in bytes.
pub fn one_line(text: &str, longest: usize) -> Result<(), Invalid> {
    if text.trim().is_empty() {
        return Err(Invalid::new("is empty"));
    }
    if text.len() > longest {
        return Err(Invalid::new(format!("is longer than {longest} characters")));
    }
    match text.chars().find(|c| c.is_control()) {
        Some(bad) => Err(Invalid::new(format!("holds {bad:?}, which ends a line or cannot be seen"))),
        None if text.contains("${secret:") => Err(Invalid::new("holds `${secret:`, which is galactl's own")),
        None => Ok(()),
    }
}

/// Accepts letters, digits and `extra`, beginning with a letter or digit.
fn shaped(text: &str, longest: usize, extra: &str) -> Result<(), Invalid> {
    let first = text.chars().next().ok_or_else(|| Invalid::new("is empty"))?;
    if !first.is_ascii_alphanumeric() {
        return Err(Invalid::new("must begin with a letter or a digit"));
    }
    if text.len() > longest {
        return Err(Invalid::new(format!("is longer than {longest} characters")));
    }
    match text.chars().find(|c| !c.is_ascii_alphanumeric() && !extra.contains(*c)) {
        Some(bad) => {
            Err(Invalid::new(format!("holds {bad:?}; letters, digits and any of {extra:?} may stand here")))
        }
        None => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_that_could_become_an_option_or_a_second_word_are_refused() {
        for bad in ["", "-x", "a b", "a\nb", "a'b", "a$b", "a/b", "ä"] {
            assert!(bad.parse::<NodeName>().is_err(), "{bad:?}");
        }
        assert_eq!("db1.eu-west".parse::<NodeName>().unwrap().as_str(), "db1.eu-west");
    }

    #[test]
    fn a_cluster_name_has_at_most_32_characters() {
        assert!("x".repeat(32).parse::<ClusterName>().is_ok());
        assert!("x".repeat(33).parse::<ClusterName>().is_err());
    }

    #[test]
    fn a_cluster_name_is_what_a_server_takes() {
        for name in ["MariaDB Galera Cluster", "it's \"a\" #1; $(x) `y` \\", "-x", "größe", "a/b", "."] {
            assert!(name.parse::<ClusterName>().is_ok(), "{name}");
        }
        for bad in ["", " ", "a\nb", "a\tb", "a\u{1b}[2J", "${secret:sst-password}"] {
            assert!(bad.parse::<ClusterName>().is_err(), "{bad:?}");
        }
    }

    #[test]
    fn a_cluster_name_in_a_path_is_one_part_that_no_other_name_has() {
        for (name, part) in [
            ("shop", "shop"),
            ("db1.eu-west_2", "db1.eu-west_2"),
            ("MariaDB Galera Cluster", "MariaDB%20Galera%20Cluster"),
            ("../x", "%2E.%2Fx"),
            (".", "%2E"),
            ("a%20b", "a%2520b"),
            ("ä", "%C3%A4"),
        ] {
            assert_eq!(name.parse::<ClusterName>().unwrap().in_path(), part);
        }
    }
}
