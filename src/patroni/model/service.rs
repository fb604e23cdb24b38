//! The services of a host, and their ports.

use serde::{Deserialize, Serialize};

/// What the hosts of a cluster offer each other.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Service {
    /// PostgreSQL, for clients and standbys.
    Server,
    /// Patroni's REST API: before a failover, each asks all others how far they are.
    Rest,
    /// etcd, for Patroni.
    EtcdClients,
    /// etcd, for its other members.
    EtcdPeers,
}

impl Service {
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Server => "PostgreSQL",
            Self::Rest => "Patroni's REST API",
            Self::EtcdClients => "etcd's clients",
            Self::EtcdPeers => "etcd's members",
        }
    }
}
