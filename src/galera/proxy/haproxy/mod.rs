//! The kind haproxy: it asks the nodes itself, and proxies tell each other which node takes the writes.

pub mod found;
pub mod opinion;
pub mod settings;

use super::program::Program;
use crate::kernel::haproxy;

pub const PROGRAM: Program = Program {
    packages: haproxy::PACKAGES,
    files: haproxy::FILES,
    asked_by: haproxy::NAME,
    heeds_health: true,
    opinion: concat!(include_str!("../../../kernel/haproxy/ask.sh"), include_str!("opinion.sh")),
    end: haproxy::END,
    run: haproxy::RUN,
    run_with: &[""],
};
