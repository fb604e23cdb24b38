//! What is legal in the entries of any inventory, and does not work or is unwise.

use super::entries::Listed;
use super::note::Note;
use super::places::join;
use super::{Entry, RawEntry};
use crate::kernel::model::{Address, NodeName};

/// Addresses that peers cannot use, or that cost a look-up at the wrong moment.
pub fn addresses<Role>(entries: &[Listed<'_, Role>]) -> Vec<Note> {
    let alone = entries.len() == 1;
    let note = |it: &Listed<'_, Role>| {
        address(join(&it.path, "address"), it.entry.name(), it.entry.address(), alone)
    };
    entries.iter().filter_map(note).collect()
}

fn address(path: String, name: &NodeName, address: &Address, alone: bool) -> Option<Note> {
    if is_loopback(address) && !alone {
        let message = format!("no other node reaches {name} at {address}");
        let note = Note::error("loopback-address", path, message);
        return Some(note.hint("write the address of the interface that the nodes share"));
    }
    let Address::Host(host) = address else { return None };
    let message = format!("`{host}` is looked up whenever a node connects");
    Some(
        Note::info("address-is-a-name", path, message)
            .hint("an IP address works also while the resolver does not"),
    )
}

fn is_loopback(address: &Address) -> bool {
    match address {
        Address::Ip(ip) => ip.is_loopback(),
        Address::Host(name) => name == "localhost" || name.ends_with(".localhost"),
    }
}

/// Logins that cannot become root: one note for each place where sudo is switched off, however many entries that
/// concerns. `raw`: the same entries, as they are written.
pub fn without_root(entries: &[impl Entry], raw: &[impl RawEntry]) -> Vec<Note> {
    let mut notes: Vec<Note> = Vec::new();
    for (entry, raw) in entries.iter().zip(raw) {
        if entry.ssh().user == "root" || entry.ssh().sudo {
            continue;
        }
        let own = raw.written().ssh.and_then(|ssh| ssh.sudo).is_some();
        let path = if own { join(&raw.path(), "ssh.sudo") } else { "ssh.sudo".into() };
        let message = format!("`{}` cannot administer {} without sudo", entry.ssh().user, entry.name());
        if notes.iter().all(|note| note.path != path) {
            notes.push(Note::error("no-root", path, message).hint("remove `sudo: false`"));
        }
    }
    notes
}
