//! The TCP ports of a cluster.

/// Where clients reach PostgreSQL, unless the inventory says otherwise.
pub const POSTGRESQL_PORT: u16 = 5432;
/// Patroni's REST API.
pub const REST_PORT: u16 = 8008;
/// Where Patroni reaches etcd.
pub const ETCD_CLIENT_PORT: u16 = 2379;
/// Where the members of etcd reach each other.
pub const ETCD_PEER_PORT: u16 = 2380;
