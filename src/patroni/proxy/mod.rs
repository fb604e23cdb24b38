//! The role haproxy: hosts to which applications connect, and which send them to the primary or to standbys.
//!
//! Each node tells over Patroni's REST API what it is; HAProxy asks it.

pub mod act;
pub mod action;
pub mod endpoint;
pub mod facts;
pub mod inventory;
pub mod judge;
pub mod look;
pub mod proof;
pub mod settings;
pub mod sharing;
pub mod steps;

pub use endpoint::ClientPorts;
pub use inventory::Proxy;

/// The role's name, in ids of steps and fingerprints.
pub const ROLE: &str = crate::kernel::haproxy::NAME;

/// The command that sets proxies up, and puts them right.
const SET_UP: &str = "bootstrap";
