//! The Patroni engine: everything that knows PostgreSQL, Patroni and etcd.

pub mod act;
pub mod adopt;
pub mod check;
pub mod config;
pub mod doctor;
pub mod explain;
pub mod facts;
pub mod inventory;
pub mod judge;
pub mod model;
pub mod observation;
pub mod observe;
pub mod plan;
pub mod proxy;
pub mod recovery;
pub mod secrets;
pub mod software;
pub mod status;
