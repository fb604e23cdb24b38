//! The Patroni engine: everything that knows PostgreSQL, Patroni and etcd.

pub mod config;
pub mod inventory;
pub mod model;
