//! What the engines of PostgreSQL share: its own nouns, and how it is spoken to.
//!
//! Nothing here knows how its servers replicate.

pub mod hosts;
mod lsn;
mod major;
mod network;
pub mod packages;
pub mod settings;
pub mod sql;

pub use lsn::{Lsn, SystemId, Timeline};
pub use major::Major;
pub use network::Network;

/// Where clients reach PostgreSQL, unless the inventory says otherwise.
pub const POSTGRESQL_PORT: u16 = 5432;
