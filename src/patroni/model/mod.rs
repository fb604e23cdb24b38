//! The nouns of PostgreSQL, Patroni and etcd, valid by construction.

mod endpoint;
mod major;
mod network;
mod ports;
mod scope;
mod secret_names;
mod service;
mod software;
mod timing;

pub use endpoint::Endpoint;
pub use major::Major;
pub use network::Network;
pub use ports::{ETCD_CLIENT_PORT, ETCD_PEER_PORT, POSTGRESQL_PORT, REST_PORT};
pub use scope::check_scope;
pub use secret_names::{Account, REPLICATION_PASSWORD, REWIND_PASSWORD, SUPERUSER_PASSWORD};
pub use service::Service;
pub use software::{Api, Software};
pub use timing::Timing;
