//! Reading an inventory, and templates, from where the command line says.

use std::io::{self, Read};
use std::path::{Path, PathBuf};

use anyhow::Context;

use super::engine::{Engine, Name};
use super::files;
use crate::exit::CommandError;
use crate::kernel::inventory::document::Document;
use crate::kernel::inventory::note::{Note, Severity, any_error};
use crate::kernel::inventory::text::LONGEST_TEXT;
use crate::kernel::judge::Invocation;
use crate::ui::{Printer, fold_notes, notes_text};

/// An inventory's text and where it came from.
pub struct Source {
    /// As it was typed.
    pub path: PathBuf,
    /// What messages call it.
    pub origin: String,
    pub bytes: Vec<u8>,
    /// Paths in the inventory are relative to this directory.
    pub base: PathBuf,
}

impl Source {
    /// Reads a file, or standard input for `-`; never more than an inventory may have.
    pub fn read(path: &Path) -> Result<Self, CommandError> {
        let most = LONGEST_TEXT as u64 + 1;
        if path == Path::new("-") {
            let mut bytes = Vec::new();
            std::io::stdin().take(most).read_to_end(&mut bytes).context("standard input")?;
            let base = std::env::current_dir().context("the current directory")?;
            return Ok(Self { path: path.to_owned(), origin: "<stdin>".into(), bytes, base });
        }
        let bytes = files::read(path, most).map_err(|error| not_read(path, &error))?;
        let absolute = std::path::absolute(path).context("the inventory's directory")?;
        let base = absolute.parent().map_or_else(PathBuf::new, Path::to_owned);
        Ok(Self { path: path.to_owned(), origin: path.display().to_string(), bytes, base })
    }

    /// Parses it, and looks for the files that it names; `Err` holds all errors.
    pub fn parse<E: Engine>(&self) -> Result<(E::Inventory, Vec<Note>), Vec<Note>> {
        let (mut inventory, mut notes) = E::parse_with_files(&self.bytes, &self.base)?;
        notes.extend(self.certificates::<E>(&mut inventory));
        match any_error(&notes) {
            false => Ok((inventory, notes)),
            true => Err(notes),
        }
    }

    /// Reads the certificates that the inventory names; what is wrong with them, with its places.
    fn certificates<E: Engine>(&self, inventory: &mut E::Inventory) -> Vec<Note> {
        let mut notes = E::read_certificates(inventory, &self.base);
        let invocation = Invocation::new(&self.path, None, super::with_templates());
        for hint in notes.iter_mut().filter_map(|note| note.hint.as_mut()) {
            *hint = invocation.fill(hint);
        }
        if let Ok(document) = Document::parse(&self.bytes) {
            document.locate(&mut notes);
        }
        notes
    }

    /// The notes as text for the terminal.
    pub fn notes_text(&self, notes: &[Note]) -> String {
        let text = notes_text(notes, &self.origin, &self.bytes, console::colors_enabled_stderr());
        fold_notes(&text, Printer::width_of_narration())
    }

    /// The engine that it is for.
    ///
    /// Errors: it is no YAML, or names no engine.
    pub fn engine(&self) -> Result<Name, CommandError> {
        Name::of(&self.bytes).map_err(|notes| {
            Printer::narrate(&self.notes_text(&notes));
            self.not_valid()
        })
    }

    /// Shows why a command is not for this inventory, with the place.
    pub fn not_for(&self, note: Note) -> CommandError {
        let mut notes = vec![note];
        if let Ok(document) = Document::parse(&self.bytes) {
            document.locate(&mut notes);
        }
        Printer::narrate(&self.notes_text(&notes));
        CommandError::error(format!("this command is not for {}; nothing was changed", self.origin))
    }

    fn not_valid(&self) -> CommandError {
        CommandError::error(format!("{} is not a valid inventory", self.origin))
    }

    /// Parses it for a command: warnings are shown, errors end the command. A missing file is reported by the code that
    /// needs it, because many commands ask no host.
    pub fn inventory<E: Engine>(&self) -> Result<E::Inventory, CommandError> {
        let engine = self.engine()?;
        if engine != E::NAME {
            return Err(CommandError::error(format!("this command is not there for engine {engine}"))
                .hint(format!("{}: the inventory is for {engine}", engine.commands())));
        }
        let (mut inventory, mut notes) = match E::parse(&self.bytes) {
            Ok((inventory, notes)) => (Some(inventory), notes),
            Err(notes) => (None, notes),
        };
        if let Some(inventory) = &mut inventory {
            // A look at the hosts goes on; whoever would use them refuses.
            let wrong = self.certificates::<E>(inventory);
            notes.extend(wrong.into_iter().map(|note| Note { severity: Severity::Warning, ..note }));
        }
        let shown: Vec<_> =
            notes.into_iter().filter(|note| note.severity != Severity::Info && !note.accepted).collect();
        if !shown.is_empty() {
            Printer::narrate(&self.notes_text(&shown));
        }
        match inventory {
            Some(inventory) if !any_error(&shown) => Ok(inventory),
            _ => Err(self.not_valid()),
        }
    }
}

fn not_read(path: &Path, error: &io::Error) -> CommandError {
    let message = CommandError::error(format!("{}: {error}", path.display()));
    match error.kind() {
        io::ErrorKind::Other => message.hint("an inventory is a file; `-` reads standard input"),
        io::ErrorKind::NotFound => message.hint("`galactl init inventory.yaml` writes one to start from"),
        _ => message,
    }
}
