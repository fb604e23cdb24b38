//! Members of the cluster as a host's option files and its server know them.

use serde::{Deserialize, Serialize};

use crate::kernel::model::Address;

/// An entry of `wsrep_cluster_address`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PeerAddress {
    /// Without its port.
    pub written: String,
    /// Of a name: the addresses that it has on that host.
    pub found: Vec<String>,
}

impl PeerAddress {
    /// Reads `10.0.0.11`, or `db1<TAB>10.0.0.11 10.0.1.11`.
    pub fn parse(line: &str) -> Self {
        let (written, found) = line.split_once('\t').unwrap_or((line, ""));
        let written = written.trim_matches(['[', ']']).to_owned();
        Self { written, found: found.split_whitespace().map(str::to_owned).collect() }
    }

    /// It leads to one of these addresses.
    pub fn is_one_of(&self, known: &[Address]) -> bool {
        let spellings = std::iter::once(&self.written).chain(&self.found);
        let mut addresses = spellings.filter_map(|text| text.parse::<Address>().ok());
        addresses.any(|address| known.contains(&address))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_counts_with_its_addresses() {
        let known: Vec<Address> =
            ["10.0.0.11", "db2", "fd00::1"].map(|text| text.parse().expect("valid")).into();
        for (line, is_known) in [
            ("10.0.0.11", true),
            ("10.0.0.12", false),
            ("db1\t10.0.0.11", true),
            ("db2\t", true),
            ("db3\t", false),
            ("[FD00:0::1]", true),
        ] {
            assert_eq!(PeerAddress::parse(line).is_one_of(&known), is_known, "{line}");
        }
    }
}
