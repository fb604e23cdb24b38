//! Warnings that the owner of a cluster knows of and has accepted: `accept: [even-votes]`.

use std::collections::BTreeSet;

use super::note::{Note, Severity};
use super::text::shown;
use super::wording::suggest;

/// The codes as they are written, and what is wrong with them. `known`: those that can be accepted.
pub fn read(written: &[String], known: &[&str]) -> (BTreeSet<String>, Vec<Note>) {
    let (mut accepted, mut notes) = (BTreeSet::new(), Vec::new());
    for (index, code) in written.iter().enumerate() {
        if known.contains(&code.as_str()) {
            accepted.insert(code.clone());
            continue;
        }
        let message = format!("`{}` is no warning that can be accepted", shown(code));
        let hint = match suggest(code, known) {
            near if near.starts_with("did you mean") => near,
            _ => format!("these can: {}", known.join(", ")),
        };
        notes.push(Note::error("accept", format!("accept[{index}]"), message).hint(hint));
    }
    (accepted, notes)
}

/// Marks the warnings that are accepted.
pub fn mark(accepted: &BTreeSet<String>, notes: &mut [Note]) {
    let warnings = notes.iter_mut().filter(|note| note.severity == Severity::Warning);
    for note in warnings.filter(|note| accepted.contains(note.code)) {
        note.accepted = true;
    }
}
