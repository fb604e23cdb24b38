//! `galactl init --from`: where hosts are looked for, and what came of it.

use std::fs::File;
use std::io::{ErrorKind, Write as _};
use std::path::Path;

use crate::exit::CommandError;
use crate::kernel::certificates::Certificate;
use crate::kernel::inventory::raw::RawSsh;
use crate::kernel::judge::Invocation;
use crate::ui::Printer;

/// What came of a scan, and how to tell of it.
pub struct Found {
    pub text: String,
    /// Files that belong beside the inventory: their names and texts.
    pub beside: Vec<(String, String)>,
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
    /// Writes the files that belong beside the inventory. One that is there already is never written over: it stays
    /// where it says the same.
    ///
    /// Errors: another file of that name is there, or it cannot be written.
    pub fn put_beside(&self, base: &Path) -> Result<(), CommandError> {
        for (name, text) in &self.beside {
            let path = base.join(name);
            let error = match File::options().write(true).create_new(true).open(&path) {
                Ok(mut file) => file.write_all(text.as_bytes()).err(),
                Err(error) if error.kind() == ErrorKind::AlreadyExists && says(&path, text) => None,
                Err(error) => Some(error),
            };
            if let Some(error) = error {
                let message = format!("{}: {error}; no inventory was written", path.display());
                return Err(CommandError::error(message).hint(
                    "the cluster's file belongs there, and another one is there: name an inventory in another folder, or move that file away",
                ));
            }
        }
        Ok(())
    }

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

/// The file holds the same certificates.
fn says(path: &Path, text: &str) -> bool {
    let digests = |text: &str| {
        let all = Certificate::all_in(text).unwrap_or_default();
        all.into_iter().map(|it| it.sha256).collect::<Vec<_>>()
    };
    std::fs::read_to_string(path).is_ok_and(|there| digests(&there) == digests(text))
}
