//! The kind haproxy: it asks the nodes itself, and proxies tell each other which node takes the writes.

pub mod found;
pub mod opinion;
pub mod settings;

use super::program::Program;
use crate::kernel::facts::File;

pub const PROGRAM: Program = Program {
    packages: &["haproxy"],
    files: &[File { artefact: "config", path: settings::FILE, unit: "haproxy.service" }],
    asked_by: "haproxy",
    heeds_health: true,
    opinion: include_str!("opinion.sh"),
    end: "sudo systemctl disable --now haproxy",
    run: "systemctl reset-failed haproxy.service 2>/dev/null; systemctl reload-or-restart haproxy.service",
    run_with: &[""],
};
