//! The nouns of PostgreSQL, Patroni and etcd, valid by construction.

mod endpoint;
mod ports;
mod scope;
mod secret_names;
mod service;
mod software;
mod timing;

pub use crate::postgresql::{Major, Network, POSTGRESQL_PORT};
pub use endpoint::Endpoint;
pub use ports::{ETCD_CLIENT_PORT, ETCD_PEER_PORT, REST_PORT};
pub use scope::check_scope;
pub use secret_names::{Account, REPLICATION_PASSWORD, REWIND_PASSWORD, SUPERUSER_PASSWORD};
pub use service::Service;
pub use software::{Api, Software};
pub use timing::Timing;
