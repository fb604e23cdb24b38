//! The role keepalived: the proxies' hosts share an address, which one of them has. Everything that it needs is here.

pub mod act;
pub mod action;
pub mod facts;
pub mod judge;
pub mod look;
pub mod settings;
pub mod steps;

use crate::kernel::facts::{File, Program};
use crate::kernel::plan::PutFile;

/// The role's name, in ids of steps and fingerprints.
pub const ROLE: &str = "keepalived";
/// The unit of Debian's package, which has the same name.
pub const UNIT: &str = "keepalived";
pub const PACKAGE: &str = "keepalived";

/// The id of the configuration file among the role's files.
const CONFIG: &str = PutFile::SETTINGS;
const FILES: [File; 1] = [File { artefact: CONFIG, path: settings::FILE, unit: "keepalived.service" }];

/// The program keepalived on its host: package, unit and files.
fn on_host() -> Program<'static> {
    Program { name: UNIT, ports: Vec::new(), packages: &[PACKAGE], files: &FILES }
}

/// [`UNIT`] as a name.
///
/// # Panics
///
/// Never: it is a valid name.
pub fn unit() -> crate::kernel::model::UnitName {
    UNIT.parse().expect("a unit's name")
}
