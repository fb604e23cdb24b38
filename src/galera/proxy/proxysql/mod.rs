//! The kind proxysql: a proxy that asks the nodes itself, and is set up through SQL. Everything that it needs is here.
//!
//! ProxySQL is not in Debian, so the project's tests run none. What is rendered here follows what was measured with a
//! real one (2.7.2), and the SQL is tried against its tables (`tests/core/proxysql.rs`).

pub mod act;
pub mod files;
pub mod groups;
pub mod inventory;
pub mod opinion;
pub mod secrets;
pub mod settings;
pub mod sql;
pub mod steps;
pub mod weights;

use super::program::Program;
use crate::kernel::facts::File;

pub use inventory::Proxysql;

/// The package, the program and the unit have one name. Its admin interface is asked with MariaDB's client.
pub const PACKAGE: &str = "proxysql";
/// The account of ProxySQL's monitor on the data nodes. It has no right at all.
pub const MONITOR: &str = "galactl-monitor";
/// The account of its admin interface. ProxySQL lets one of this name in from its own host only.
pub const ADMIN: &str = "admin";
/// Where the admin interface listens.
pub const ADMIN_ADDRESS: &str = "127.0.0.1";
pub const ADMIN_PORT: u16 = 6032;

pub const PROGRAM: Program = Program {
    packages: &[PACKAGE, "mariadb-client"],
    files: &[
        File { artefact: "first-start", path: files::FIRST_START, unit: "" },
        File { artefact: "login", path: files::LOGIN, unit: "" },
        File { artefact: "statements", path: files::STATEMENTS, unit: "" },
    ],
    asked_by: PACKAGE,
    heeds_health: false,
    opinion: include_str!("opinion.sh"),
    end: "sudo systemctl disable --now proxysql",
    run: include_str!("run.sh"),
    // The first call skips statements that are loaded already. `anew` loads them in any case, which undoes what
    // somebody has changed by hand.
    run_with: &["", "anew"],
};
