//! What an inventory asks for and not every release of PostgreSQL and Patroni can do.

use super::settings::is_missing_in;
use super::{Etcd, Inventory, SyncMode};
use crate::kernel::inventory::Settings;
use crate::kernel::inventory::note::Note;
use crate::kernel::inventory::places::join;
use crate::patroni::model::{Major, Software};

/// What of the inventory does not work with this software: errors without a place, each with the path of its field.
/// Patroni itself would drop these values with a line in its log.
pub fn unfit(inventory: &Inventory, software: Software) -> Vec<Note> {
    let mut notes = settings_of(inventory, software.postgresql);
    if let Some(version) = inventory.postgresql.version.filter(|it| *it != software.postgresql) {
        let found = software.postgresql;
        let message =
            format!("PostgreSQL {version} is asked for, and Debian {} has {found}", software.debian);
        let note = Note::error("release", "postgresql.version", message);
        notes.push(note.hint(format!("write {found}, or use hosts with Debian {}", version.debian())));
    }
    if inventory.synchronous.mode == SyncMode::Quorum && !software.has_quorum_commit() {
        let message = format!("`quorum` needs Patroni 4, and the hosts have {}", software.patroni);
        let note = Note::error("release", "synchronous.mode", message);
        notes.push(note.hint("write `on` or `strict`, or use Debian 13"));
    }
    let first = inventory.nodes.iter().position(|node| node.tags.priority.is_some());
    if let Some(index) = first.filter(|_| !software.has_priorities()) {
        let message = format!("a priority needs Patroni 3.2, and the hosts have {}", software.patroni);
        let note = Note::error("release", format!("nodes[{index}].tags.priority"), message);
        notes.push(note.hint("remove it, or use Debian 13"));
    }
    if !software.etcd_has(software.api()) {
        let place = if matches!(inventory.etcd, Etcd::Existing(_)) { "etcd.endpoints" } else { "etcd" };
        let message = format!("Patroni {} needs etcd's v2 API, which etcd has up to 3.5", software.patroni);
        notes.push(
            Note::error("release", place, message)
                .hint("use an etcd of Debian 12, or Patroni 3.0.3 or later"),
        );
    }
    notes
}

/// The same as far as the inventory tells which release it is for.
pub fn check(inventory: &Inventory) -> Vec<Note> {
    let Some(major) = inventory.postgresql.version else { return Vec::new() };
    let mut notes = settings_of(inventory, major);
    if major != Major::Fifteen {
        return notes;
    }
    // Patroni may be a later one than Debian's, so these are no errors yet.
    if inventory.synchronous.mode == SyncMode::Quorum {
        let message = "`quorum` needs Patroni 4, and Debian 12 has 3.0.2";
        let note = Note::warning("needs-patroni", "synchronous.mode", message);
        notes.push(note.hint("write `on` or `strict`, or use Debian 13"));
    }
    if let Some(index) = inventory.nodes.iter().position(|node| node.tags.priority.is_some()) {
        let message = "a priority needs Patroni 3.2, and Debian 12 has 3.0.2";
        let note = Note::warning("needs-patroni", format!("nodes[{index}].tags.priority"), message);
        notes.push(note.hint("remove it, or use Debian 13"));
    }
    notes
}

/// Settings that this version of PostgreSQL does not have. Those of all nodes are named once.
fn settings_of(inventory: &Inventory, major: Major) -> Vec<Note> {
    let mut notes: Vec<Note> = Vec::new();
    let shared = std::iter::once(("postgresql.settings".to_owned(), &inventory.postgresql.shared));
    let common = std::iter::once(("postgresql.settings".to_owned(), &inventory.postgresql.own));
    let nodes = inventory.nodes.iter().enumerate();
    let nodes = nodes.map(|(index, node)| (format!("nodes[{index}].postgresql.settings"), &node.settings));
    for (path, settings) in shared.chain(common).chain(nodes) {
        let missing = names_missing(settings, major);
        let said =
            |name: &str| notes.iter().any(|note| note.path.ends_with(&format!("postgresql.settings.{name}")));
        let new: Vec<_> = missing.into_iter().filter(|name| !said(name)).collect();
        notes.extend(new.into_iter().map(|name| {
            let message = format!("PostgreSQL {major} has no setting `{name}`");
            Note::error("release", join(&path, name), message).at_key().hint("remove it")
        }));
    }
    notes
}

fn names_missing(settings: &Settings, major: Major) -> Vec<&str> {
    settings.keys().map(String::as_str).filter(|name| is_missing_in(name, major)).collect()
}
