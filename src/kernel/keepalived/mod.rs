//! keepalived on the hosts of proxies: they share an address, which one of them has. Everything that it needs is here but
//! who shares, which an engine tells as [`Sharing`].

pub mod act;
pub mod action;
pub mod address;
pub mod facts;
pub mod judge;
pub mod look;
pub mod program;
pub mod settings;
pub mod sharing;
pub mod steps;

pub use address::VirtualAddress;
pub use program::{PACKAGE, ROLE, UNIT};
pub use sharing::{Sharer, Sharing};
