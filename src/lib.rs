//! galactl: one inventory file → a plan that a person can review → exactly that plan carried
//! out on real hosts → proof that the cluster is whole.
//!
//! Dependencies point one way:
//!
//! ```text
//! model ← inventory ← config ← facts ← verify, recovery ← plan ← check, status ← doctor, explain    pure: no IO, no clock
//!                                 ← adopt
//!                                 ↑
//!          transport ← db ← observe ← exec ← cli                 the acting shell
//!                                 ui ← cli
//! ```
//!
//! `tests/architecture.rs` fails when a pure module names IO.

#![warn(clippy::unwrap_used)]

pub mod adopt;
pub mod check;
pub mod cli;
pub mod config;
pub mod db;
pub mod doctor;
pub mod exec;
pub mod exit;
pub mod explain;
pub mod facts;
pub mod inventory;
pub mod model;
pub mod observe;
pub mod plan;
pub mod random;
pub mod recovery;
pub mod secrets;
pub mod status;
pub mod transport;
pub mod ui;
pub mod verify;
