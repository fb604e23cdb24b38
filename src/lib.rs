//! galactl: one inventory file → a plan that a person can review → exactly that plan carried
//! out on real hosts → proof that the cluster is whole.
//!
//! `kernel` knows hosts, plans and runs, and no database. Each engine is a folder beside it and knows its
//! database, `postgresql` what two of them share; `ui` shows, `cli` is the command line. ARCHITECTURE.md has the picture, and
//! `tests/core/architecture.rs` holds the code to it.

#![warn(clippy::unwrap_used)]

pub mod cli;
pub mod exit;
pub mod galera;
pub mod kernel;
pub mod mesh;
pub mod patroni;
pub mod postgresql;
pub mod ui;

/// What an inventory may call its engine; the first is that of an inventory which names none.
pub const ENGINES: &[&str] =
    &[galera::inventory::ENGINE, patroni::inventory::ENGINE, mesh::inventory::ENGINE];
