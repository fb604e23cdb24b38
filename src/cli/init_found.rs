//! `galactl init --from`: where hosts are looked for, and what came of it.

use std::path::Path;

use crate::kernel::inventory::raw::RawSsh;
use crate::kernel::judge::Invocation;
use crate::ui::Printer;

/// What came of a scan, and how to tell of it.
pub struct Found {
    pub text: String,
    /// The cluster with the names of its nodes.
    pub cluster: String,
    /// What could not be written down, each with its place where it has one.
    pub notes: Vec<String>,
    /// What a plan would do; empty: nothing.
    pub needed: Vec<String>,
    /// The command that plans it.
    pub plan: String,
}

/// Where hosts are looked for, and where the inventory will stand.
pub struct Place<'a> {
    pub ssh: &'a RawSsh,
    /// The inventory's directory.
    pub base: &'a Path,
    /// The inventory.
    pub file: &'a Path,
    pub invocation: &'a Invocation,
}

impl Found {
    /// What was found, what could not be written down, and what a plan would make of it.
    pub fn narrate(&self) {
        let Self { cluster, notes, needed, plan, .. } = self;
        Printer::narrate(&format!("{cluster}; nothing was changed there"));
        for note in notes {
            Printer::narrate(&format!("note: {note}"));
        }
        if needed.is_empty() {
            Printer::narrate(&format!("`{plan}` has nothing to do"));
            return;
        }
        Printer::narrate(&format!("`{plan}` is not empty:"));
        for line in needed {
            Printer::narrate(&format!("  {line}"));
        }
    }
}
