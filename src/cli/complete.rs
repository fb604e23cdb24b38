//! The names from the inventory that a shell offers to complete a word.

use std::ffi::OsStr;
use std::path::{Path, PathBuf};

use clap_complete::engine::{CompletionCandidate, PathCompleter, ValueCompleter as _};

use super::engine::{Engine as _, Galera, Mesh, Name, Patroni};
use super::load::Source;
use super::which;

/// Each word on the command line may be an inventory: at most so many are read.
const MOST_TRIED: usize = 20;

/// All entries of the inventory that stands on the command line, or of the one by default.
pub fn members(current: &OsStr) -> Vec<CompletionCandidate> {
    let begun = current.to_string_lossy();
    let names = names().into_iter().filter(|name| name.starts_with(&*begun));
    names.map(CompletionCandidate::new).collect()
}

/// Files, and members where the first word may be one.
pub fn inventory_or_member(current: &OsStr) -> Vec<CompletionCandidate> {
    let members = if which::default().is_ok() { members(current) } else { Vec::new() };
    PathCompleter::file().complete(current).into_iter().chain(members).collect()
}

fn names() -> Vec<String> {
    // The words are those that the user has typed so far.
    let words = std::env::args_os().skip(1).map(PathBuf::from).filter(|word| word.is_file());
    let tried = words.take(MOST_TRIED).chain(which::default());
    tried.into_iter().find_map(|path| names_in(&path)).unwrap_or_default()
}

/// The members of the inventory in this file; `None`: there is none that can be read.
fn names_in(path: &Path) -> Option<Vec<String>> {
    let Source { bytes, .. } = Source::read(path).ok()?;
    Some(match Name::of(&bytes).ok()? {
        Name::Galera => {
            let (inventory, _) = Galera::parse(&bytes).ok()?;
            inventory.entries().iter().map(|it| it.entry.name().to_string()).collect()
        }
        Name::Patroni => {
            let (inventory, _) = Patroni::parse(&bytes).ok()?;
            inventory.entries().iter().map(|it| it.entry.name().to_string()).collect()
        }
        Name::Mesh => {
            let (inventory, _) = Mesh::parse(&bytes).ok()?;
            inventory.entries().iter().map(|it| it.entry.name().to_string()).collect()
        }
    })
}
