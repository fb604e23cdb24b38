//! Whether a host can be written to at all.

use crate::galera::facts::{HostFacts, Room};
use crate::galera::judge::codes;
use crate::kernel::judge::{Finding, Remedy};
use crate::kernel::model::words::bytes;

/// Bytes. A server with less on its data directory is about to leave its cluster; elsewhere, galactl writes an option
/// file and a few records.
pub const LEAST_DATA: u64 = 16 << 20;
const LEAST: u64 = 1 << 20;

/// File systems that are full or read-only, where the server or galactl writes.
pub fn full(facts: &HostFacts) -> impl Iterator<Item = Finding> + '_ {
    let finding = |Room { path, free }: &Room| {
        let least = if *path == facts.datadir.path { LEAST_DATA } else { LEAST };
        let (evidence, next) = match free {
            None => (
                format!("{path} is read-only"),
                Remedy::on_host(format!("findmnt --target {path}; dmesg tells why it became read-only")),
            ),
            Some(free) if *free < least => (
                format!("the file system of {path} is full: {} are free", bytes(*free)),
                Remedy::on_host(format!("df -h {path}; then make room there")),
            ),
            Some(_) => return None,
        };
        Some(Finding::new(codes::DISK_FULL, evidence, next))
    };
    facts.room.iter().filter_map(finding)
}
