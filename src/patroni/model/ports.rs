//! The TCP ports of a cluster.

/// Patroni's REST API.
pub const REST_PORT: u16 = 8008;
/// Where Patroni reaches etcd.
pub const ETCD_CLIENT_PORT: u16 = 2379;
/// Where the members of etcd reach each other.
pub const ETCD_PEER_PORT: u16 = 2380;
