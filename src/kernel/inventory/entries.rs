//! The entries of an inventory held against each other: their names, addresses and hosts.

use std::collections::BTreeMap;

use super::Entry;
use super::note::Note;
use super::places::join;

/// An entry, where it stands in the inventory (`nodes[2]`), and its role there.
pub struct Listed<'a, Role> {
    pub path: String,
    pub role: Role,
    pub entry: &'a dyn Entry,
}

/// Which roles may not stand together on one host or address: why, or `None` where they may.
pub type Apart<Role> = fn(Role, Role) -> Option<&'static str>;

/// A list of entries of one role, as they are listed in the inventory under this name.
pub fn listed<'a, Role: Copy>(list: &str, role: Role, entries: &'a [impl Entry]) -> Vec<Listed<'a, Role>> {
    let entries = entries.iter().map(|entry| entry as &dyn Entry).enumerate();
    entries.map(|(index, entry)| Listed { path: format!("{list}[{index}]"), role, entry }).collect()
}

/// Names are given once. Addresses, in any spelling, and hosts are given once to roles that cannot stand
/// together. `each` names all kinds of entries, as a sentence begins: `every node and every proxy`.
pub fn check<Role: Copy>(entries: &[Listed<'_, Role>], apart: Apart<Role>, each: &str) -> Vec<Note> {
    let mut notes = Vec::new();
    let (mut names, mut addresses, mut hosts) = (BTreeMap::new(), BTreeMap::new(), BTreeMap::new());
    for entry in entries {
        let name = entry.entry.name().as_str().to_ascii_lowercase();
        notes.extend(names.insert(name, &entry.path).map(|first| same_name(entry, first)));
        let at_address = put(&mut addresses, entry.entry.address(), entry, apart);
        let at_address = at_address.map(|(other, _)| same_address(entry, other, each));
        let on_host = put(&mut hosts, entry.entry.host(), entry, apart);
        // A host has the name of its first entry: of two entries with one name, that is said already.
        let on_host = on_host.filter(|(other, _)| other.entry.name() != entry.entry.name());
        // One address is most often one host, too: that is said once.
        notes.extend(at_address.or_else(|| on_host.map(|(other, why)| same_host(entry, other, why))));
    }
    notes
}

/// Puts an entry at its place. `Some`: the last entry there that it cannot stand beside, and why.
fn put<'a, Place: Ord, Role: Copy>(
    places: &mut BTreeMap<Place, Vec<&'a Listed<'a, Role>>>,
    place: Place,
    entry: &'a Listed<'a, Role>,
    apart: Apart<Role>,
) -> Option<(&'a Listed<'a, Role>, &'static str)> {
    let there = places.entry(place).or_default();
    let found = there.iter().rev().find_map(|other| Some((*other, apart(entry.role, other.role)?)));
    there.push(entry);
    found
}

fn same_name<Role>(entry: &Listed<'_, Role>, first: &str) -> Note {
    let message = format!("`{}` is the name of {first} already", entry.entry.name());
    Note::error("duplicate-name", join(&entry.path, "name"), message)
        .hint("names must differ in more than upper and lower case")
}

fn same_address<Role>(entry: &Listed<'_, Role>, other: &Listed<'_, Role>, each: &str) -> Note {
    let message = format!("{} is the address of {} already", entry.entry.address(), other.entry.name());
    Note::error("duplicate-address", join(&entry.path, "address"), message)
        .hint(format!("{each} has an address of its own"))
}

fn same_host<Role>(entry: &Listed<'_, Role>, other: &Listed<'_, Role>, why: &str) -> Note {
    let field = if &entry.entry.ssh().address == entry.entry.address() { "address" } else { "ssh_address" };
    let (name, other) = (entry.entry.name(), other.entry.name());
    let message = format!("{name} is on the host of {other}: {why}");
    Note::error("shared-host", join(&entry.path, field), message).hint(format!(
        "give {name} a host of its own; if it has one, correct the SSH address or port of {name} or {other}"
    ))
}
