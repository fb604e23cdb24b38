//! HAProxy on a host: its package, its file, how it is run, and what it says of the servers that it asks. What the file
//! says of an engine's servers is for the engine.

pub mod stat;

use super::facts::{File, Program};
use super::model::UnitName;
use super::plan::{Check, Follows, PutFile};

/// The name of its program, of its unit and of its package, and of the role in plans.
pub const NAME: &str = "haproxy";
pub const FILE: &str = "/etc/haproxy/haproxy.cfg";
pub const PACKAGES: &[&str] = &[NAME];
pub const FILES: &[File] = &[File { artefact: PutFile::SETTINGS, path: FILE, unit: "haproxy.service" }];
/// Stops it for good, to be typed on its host.
pub const END: &str = "sudo systemctl disable --now haproxy";
/// A script that lets its file take effect: a reload, in which open sessions go on, or a start.
pub const RUN: &str =
    "systemctl reset-failed haproxy.service 2>/dev/null; systemctl reload-or-restart haproxy.service";
/// A script that gives a function `ask_proxy`, which asks the statistics socket, and prints the section `stat`, which
/// [`stat::servers`] reads, where HAProxy runs.
pub const ASK: &str = include_str!("ask.sh");
/// The first section of a file, as a template: the process, and its socket.
pub const GLOBAL: (&str, &str) = ("haproxy-global", include_str!("../../../templates/haproxy-global.cfg"));

/// The program on its host. `ports`: those at which clients come.
pub fn on_host(ports: Vec<u16>) -> Program<'static> {
    Program { name: NAME, ports, packages: PACKAGES, files: FILES }
}

/// Its unit.
///
/// # Panics
///
/// Never: it is a valid name.
pub fn unit() -> UnitName {
    NAME.parse().expect("a unit's name")
}

/// Its file with its check, and what follows it.
pub fn finished(file: PutFile) -> PutFile {
    PutFile {
        check: Check::new(NAME, &["haproxy", "-c", "-q", "-f", Check::CANDIDATE]),
        follows: Follows::Reload(unit()),
        ..file
    }
}
