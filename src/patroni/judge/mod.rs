//! Every rule about hosts and clusters.

mod basis;
pub mod birth;
pub mod clock;
pub mod codes;
pub mod drift;
pub mod failover;
pub mod hosts;
pub mod leader;
pub mod listed;
mod locales;
pub mod nodes;
pub mod other_data;
pub mod ports;
pub mod reach;
pub mod room;
pub mod seed;
pub mod slots;
pub mod store;
pub mod switchover;
pub mod whole;

pub use basis::Basis;
