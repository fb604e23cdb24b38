//! Text → inventory, the same way for every engine.

use std::collections::BTreeSet;

use serde_yaml::Value;

use super::accept::mark;
use super::document::Document;
use super::note::{self, Note};
use super::one_line;

/// Reads an inventory's text. `read`: the engine's own reading; `accepted`: the codes of warnings that its owner knows of;
/// `more`: notes about the values as they are written, of a text without errors.
///
/// Errors come all together and located; `Ok` carries warnings and hints.
pub fn parse<I>(
    bytes: &[u8],
    read: impl FnOnce(&Document) -> (Option<I>, Vec<Note>),
    accepted: impl FnOnce(&I) -> &BTreeSet<String>,
    more: impl FnOnce(&Value) -> Vec<Note>,
) -> Result<(I, Vec<Note>), Vec<Note>> {
    let document = Document::parse(bytes)?;
    let (inventory, mut notes) = read(&document);
    notes.extend(one_line::notes(&document.value, &notes));
    if !note::any_error(&notes) {
        notes.extend(more(&document.value));
    }
    if let Some(inventory) = &inventory {
        mark(accepted(inventory), &mut notes);
    }
    document.locate(&mut notes);
    notes.sort_by_key(|note| note.span);
    match inventory {
        Some(inventory) if !note::any_error(&notes) => Ok((inventory, notes)),
        _ => Err(notes),
    }
}
