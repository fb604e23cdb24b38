//! The entries of an inventory held against each other: their names, addresses and hosts.

use std::collections::BTreeMap;

use super::lists::Listed;
use super::one_host::why_apart;
use crate::kernel::inventory::note::Note;
use crate::kernel::inventory::places::join;

/// Names are given once. Addresses, in any spelling, and hosts are given once to roles that cannot stand
/// together.
pub fn check(entries: &[Listed<'_>]) -> Vec<Note> {
    let mut notes = Vec::new();
    let (mut names, mut addresses, mut hosts) = (BTreeMap::new(), BTreeMap::new(), BTreeMap::new());
    for entry in entries {
        let name = entry.entry.name().as_str().to_ascii_lowercase();
        notes.extend(names.insert(name, &entry.path).map(|first| same_name(entry, first)));
        let at_address =
            put(&mut addresses, entry.entry.address(), entry).map(|(other, _)| same_address(entry, other));
        let on_host = put(&mut hosts, entry.entry.host(), entry);
        // One address is most often one host, too: that is said once.
        notes.extend(at_address.or_else(|| on_host.map(|(other, why)| same_host(entry, other, why))));
    }
    notes
}

/// Puts an entry at its place. `Some`: the last entry there that it cannot stand beside, and why.
fn put<'a, Place: Ord>(
    places: &mut BTreeMap<Place, Vec<&'a Listed<'a>>>,
    place: Place,
    entry: &'a Listed<'a>,
) -> Option<(&'a Listed<'a>, &'static str)> {
    let there = places.entry(place).or_default();
    let found = there.iter().rev().find_map(|other| Some((*other, why_apart(entry.role, other.role)?)));
    there.push(entry);
    found
}

fn same_name(entry: &Listed<'_>, first: &str) -> Note {
    let message = format!("`{}` is the name of {first} already", entry.entry.name());
    Note::error("duplicate-name", join(&entry.path, "name"), message)
        .hint("names must differ in more than upper and lower case")
}

fn same_address(entry: &Listed<'_>, other: &Listed<'_>) -> Note {
    let message = format!("{} is the address of {} already", entry.entry.address(), other.entry.name());
    Note::error("duplicate-address", join(&entry.path, "address"), message)
        .hint("every node, arbitrator and proxy has an address of its own")
}

fn same_host(entry: &Listed<'_>, other: &Listed<'_>, why: &str) -> Note {
    let field = if &entry.entry.ssh().address == entry.entry.address() { "address" } else { "ssh_address" };
    let (name, other) = (entry.entry.name(), other.entry.name());
    let message = format!("{name} is on the host of {other}: {why}");
    Note::error("shared-host", join(&entry.path, field), message).hint(format!(
        "give {name} a host of its own; if it has one, correct the SSH address or port of {name} or {other}"
    ))
}
