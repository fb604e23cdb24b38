//! The role garbd: an arbitrator, which votes and holds no data. Everything that it needs is here.

pub mod act;
pub mod action;
pub mod facts;
pub mod inventory;
pub mod judge;
pub mod look;
pub mod offline;
pub mod removal;
pub mod settings;
pub mod state;
pub mod steps;

pub use inventory::Arbitrator;

/// The role's name, in ids of steps and fingerprints.
pub const ROLE: &str = "garbd";
/// The unit of Debian's galera-arbitrator-4.
pub const UNIT: &str = "garb";

/// [`UNIT`] as a name.
///
/// # Panics
///
/// Never: it is a valid name.
pub fn unit() -> crate::kernel::model::UnitName {
    UNIT.parse().expect("a unit's name")
}
