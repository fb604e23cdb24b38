//! The engine for PostgreSQL: clusters that Patroni keeps, with etcd as their store.

pub mod facts;
pub mod observation;
pub mod observe;
