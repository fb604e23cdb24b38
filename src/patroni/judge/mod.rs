//! Every rule about hosts and clusters.

mod basis;
pub mod birth;
pub mod codes;
pub mod hosts;
pub mod reach;
pub mod whole;

pub use basis::Basis;
