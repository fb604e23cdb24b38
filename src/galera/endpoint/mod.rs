//! The endpoint: what applications connect to, whatever happens to a node.
//!
//! Each data node tells over HTTP whether it serves (role `health`); the proxies ask it (`proxy`).

pub mod inventory;

pub use inventory::{Endpoint, Writes};
