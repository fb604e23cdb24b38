//! Which warnings the owner of a cluster may accept.

use std::collections::BTreeSet;

use super::Inventory;
use crate::kernel::inventory::accept;
use crate::kernel::inventory::note::Note;

/// Warnings about an inventory. Some are findings of `doctor` as well, and are accepted there, too.
const OF_INVENTORIES: [&str; 12] = [
    "durability",
    "even-votes",
    "flavour-not-run",
    "no-such-file",
    "proxysql-not-tested",
    "removed-option",
    "rsync-tls",
    "sst-clear-text",
    "tls-nothing",
    "unknown-donor",
    "unwise-value",
    "wave-donors",
];
/// Warnings about hosts that may be accepted. A warning about a failed start, lost data or a hidden fault may not.
const OF_HOSTS: [&str; 8] = [
    "architecture",
    "bootstrap-record",
    "donor",
    "ignored-option",
    "kept-data",
    "lookup",
    "memory",
    "void-options",
];

impl Inventory {
    /// The owner accepts the warnings of this code: they are not shown.
    pub fn accepts(&self, code: &str) -> bool {
        self.accepted.contains(code)
    }
}

/// The codes as they are written, and what is wrong with them.
pub fn read(written: &[String]) -> (BTreeSet<String>, Vec<Note>) {
    accept::read(written, &[&OF_INVENTORIES[..], &OF_HOSTS].concat())
}
