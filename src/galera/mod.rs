//! The Galera engine: everything that knows MariaDB and Galera.

pub mod act;
pub mod adopt;
pub mod alter;
pub mod check;
pub mod config;
pub mod doctor;
pub mod endpoint;
pub mod explain;
pub mod facts;
pub mod garbd;
pub mod health;
pub mod inventory;
pub mod judge;
pub mod keepalived;
pub mod ledger;
pub mod model;
pub mod monitoring;
pub mod observation;
pub mod observe;
pub mod plan;
pub mod proxy;
pub mod recovery;
pub mod secrets;
pub mod sql;
pub mod status;
