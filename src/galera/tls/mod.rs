//! The role tls: certificates of data nodes and arbitrators, and what is encrypted with them. Everything that it needs
//! is here.
//!
//! Certificate and key of a member stand in one file, so that both change in one rename. Servers and garbd are given
//! that file for both (tried with MariaDB 10.5, 10.11 and 11.8).

pub mod act;
pub mod action;
pub mod ending;
pub mod facts;
pub mod inventory;
pub mod judge;
pub mod look;
pub mod origin;
pub mod own;
pub mod report;
pub mod served;
pub mod settings;
pub mod steps;
pub mod taking_over;
pub mod unseen;
pub mod wanted;

pub use inventory::{Ca, Clients, Tls};

/// The role's name, in ids of steps and fingerprints.
pub const ROLE: &str = "tls";
/// Touched when the running program has been told to load its files.
pub const LOADED: &str = "/var/lib/galactl/tls-loaded";
