//! The kind proxysql: a proxy that asks the nodes itself, and is set up through SQL. Everything that it needs is here.
//!
//! ProxySQL is not in Debian, so the project's tests run none. What is rendered here follows what was measured with a
//! real one (2.7.2), and the SQL is tried against its tables (`tests/core/proxysql.rs`).

pub mod files;
pub mod inventory;
pub mod secrets;
pub mod settings;
pub mod sql;
pub mod weights;

pub use inventory::Proxysql;

/// The package, the program and the unit, as the project that makes ProxySQL names them.
pub const PACKAGE: &str = "proxysql";
pub const UNIT: &str = "proxysql";
/// The account of ProxySQL's monitor on the data nodes. It has no right at all.
pub const MONITOR: &str = "galactl-monitor";
/// The account of its admin interface. ProxySQL lets one of this name in from its own host only.
pub const ADMIN: &str = "admin";
/// Where the admin interface listens.
pub const ADMIN_ADDRESS: &str = "127.0.0.1";
pub const ADMIN_PORT: u16 = 6032;
