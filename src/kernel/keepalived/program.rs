//! The program keepalived: its package, its unit and its file.

use crate::kernel::facts::{File, Program};
use crate::kernel::model::UnitName;
use crate::kernel::plan::PutFile;

/// The role's name, in ids of steps and fingerprints.
pub const ROLE: &str = "keepalived";
/// The unit of Debian's package, which has the same name.
pub const UNIT: &str = "keepalived";
pub const PACKAGE: &str = "keepalived";
pub const FILE: &str = "/etc/keepalived/keepalived.conf";

/// The id of the configuration file among the role's files.
pub(super) const CONFIG: &str = PutFile::SETTINGS;
const FILES: [File; 1] = [File { artefact: CONFIG, path: FILE, unit: "keepalived.service" }];

/// The program on its host.
pub(super) fn on_host() -> Program<'static> {
    Program { name: UNIT, ports: Vec::new(), packages: &[PACKAGE], files: &FILES }
}

/// [`UNIT`] as a name.
///
/// # Panics
///
/// Never: it is a valid name.
pub fn unit() -> UnitName {
    UNIT.parse().expect("a unit's name")
}
