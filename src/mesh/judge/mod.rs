//! Every rule about hosts and meshes.

pub mod again;
mod basis;
pub mod clock;
pub mod codes;
pub mod directions;
pub mod drift;
pub mod held_up;
pub mod hosts;
pub mod links;
pub mod listed;
pub mod merges;
pub mod numbers;
pub mod reach;
pub mod schema;
pub mod slots;
pub mod standing;

pub use basis::Basis;
