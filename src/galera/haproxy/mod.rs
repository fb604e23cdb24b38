//! The role haproxy: a proxy, to which applications connect. Everything that it needs is here.

pub mod act;
pub mod action;
pub mod facts;
pub mod inventory;
pub mod judge;
pub mod look;
pub mod offline;
pub mod opinion;
pub mod settings;
pub mod steps;

pub use inventory::Proxy;

/// The role's name, in ids of steps and fingerprints.
pub const ROLE: &str = "haproxy";
/// The unit of Debian's package, which has the same name.
pub const UNIT: &str = "haproxy";
pub const PACKAGE: &str = "haproxy";

/// [`UNIT`] as a name.
///
/// # Panics
///
/// Never: it is a valid name.
pub fn unit() -> crate::kernel::model::UnitName {
    UNIT.parse().expect("a unit's name")
}
