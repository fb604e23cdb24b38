//! The services of a node, and their ports.

use serde::{Deserialize, Serialize};

/// The four services that nodes offer each other (galeracluster.com, firewall settings).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Service {
    GroupCommunication,
    Ist,
    Sst,
    Clients,
}

impl Service {
    pub const ALL: [Self; 4] = [Self::GroupCommunication, Self::Ist, Self::Sst, Self::Clients];

    /// The TCP port where nothing else is configured.
    pub fn usual_port(self) -> u16 {
        match self {
            Self::GroupCommunication => 4567,
            Self::Ist => 4568,
            Self::Sst => 4444,
            Self::Clients => 3306,
        }
    }

    pub fn as_str(self) -> &'static str {
        match self {
            Self::GroupCommunication => "group communication",
            Self::Ist => "IST",
            Self::Sst => "SST",
            Self::Clients => "clients",
        }
    }

    /// Nodes need this service to form a cluster. They do not connect to each other as SQL clients.
    pub fn is_essential(self) -> bool {
        self != Self::Clients
    }
}
