//! Warnings that the owner of a cluster knows of and has accepted: `accept: [even-votes]`.

use std::collections::BTreeSet;

use super::Inventory;
use crate::kernel::inventory::note::{Note, Severity};
use crate::kernel::inventory::text::shown;
use crate::kernel::inventory::wording::suggest;

/// Warnings about an inventory. Some are findings of `doctor` as well, and are accepted there, too.
const OF_INVENTORIES: [&str; 11] = [
    "durability",
    "even-votes",
    "flavour-not-run",
    "no-such-file",
    "proxysql-not-tested",
    "removed-option",
    "rsync-tls",
    "sst-clear-text",
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
    let known = [&OF_INVENTORIES[..], &OF_HOSTS].concat();
    let (mut accepted, mut notes) = (BTreeSet::new(), Vec::new());
    for (index, code) in written.iter().enumerate() {
        if known.contains(&code.as_str()) {
            accepted.insert(code.clone());
            continue;
        }
        let message = format!("`{}` is no warning that can be accepted", shown(code));
        let hint = match suggest(code, &known) {
            near if near.starts_with("did you mean") => near,
            _ => format!("these can: {}", known.join(", ")),
        };
        notes.push(Note::error("accept", format!("accept[{index}]"), message).hint(hint));
    }
    (accepted, notes)
}

/// Marks the warnings that are accepted.
pub fn mark(inventory: &Inventory, notes: &mut [Note]) {
    let warnings = notes.iter_mut().filter(|note| note.severity == Severity::Warning);
    for note in warnings.filter(|note| inventory.accepts(note.code)) {
        note.accepted = true;
    }
}
