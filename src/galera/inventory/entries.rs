//! The entries of an inventory held against each other: their names, addresses and hosts.

use std::collections::BTreeMap;

use super::one_host::{Role, why_apart};
use super::{Arbitrator, Node};
use crate::kernel::inventory::note::Note;
use crate::kernel::inventory::places::join;
use crate::kernel::inventory::{Member, SshTarget};
use crate::kernel::model::Address;

/// An entry, and where it stands in the inventory.
struct Entry<'a> {
    path: String,
    role: Role,
    member: &'a dyn Member,
    address: &'a Address,
    ssh: &'a SshTarget,
}

/// Names are given once. Addresses, in any spelling, and hosts are given once to roles that cannot stand
/// together.
pub fn check(nodes: &[Node], arbitrators: &[Arbitrator]) -> Vec<Note> {
    let mut notes = Vec::new();
    let (mut names, mut addresses, mut hosts) = (BTreeMap::new(), BTreeMap::new(), BTreeMap::new());
    for entry in &entries(nodes, arbitrators) {
        let name = entry.member.name().as_str().to_ascii_lowercase();
        notes.extend(names.insert(name, &entry.path).map(|first| same_name(entry, first)));
        let at_address =
            put(&mut addresses, entry.address, entry).map(|(other, _)| same_address(entry, other));
        let on_host = put(&mut hosts, entry.member.host(), entry);
        // One address is most often one host, too: that is said once.
        notes.extend(at_address.or_else(|| on_host.map(|(other, why)| same_host(entry, other, why))));
    }
    notes
}

fn entries<'a>(nodes: &'a [Node], arbitrators: &'a [Arbitrator]) -> Vec<Entry<'a>> {
    let nodes = nodes.iter().map(|it| (it as &dyn Member, &it.address, &it.ssh));
    let arbitrators = arbitrators.iter().map(|it| (it as &dyn Member, &it.address, &it.ssh));
    let mut all: Vec<_> = listed("nodes", Role::Node, nodes).collect();
    all.extend(listed("arbitrators", Role::Arbitrator, arbitrators));
    all
}

/// The entries of one list of the inventory.
fn listed<'a>(
    list: &'static str,
    role: Role,
    entries: impl Iterator<Item = (&'a dyn Member, &'a Address, &'a SshTarget)>,
) -> impl Iterator<Item = Entry<'a>> {
    entries.enumerate().map(move |(index, (member, address, ssh))| Entry {
        path: format!("{list}[{index}]"),
        role,
        member,
        address,
        ssh,
    })
}

/// Puts an entry at its place. `Some`: the last entry there that it cannot stand beside, and why.
fn put<'a, Place: Ord>(
    places: &mut BTreeMap<Place, Vec<&'a Entry<'a>>>,
    place: Place,
    entry: &'a Entry<'a>,
) -> Option<(&'a Entry<'a>, &'static str)> {
    let there = places.entry(place).or_default();
    let found = there.iter().rev().find_map(|other| Some((*other, why_apart(entry.role, other.role)?)));
    there.push(entry);
    found
}

fn same_name(entry: &Entry<'_>, first: &str) -> Note {
    let message = format!("`{}` is the name of {first} already", entry.member.name());
    Note::error("duplicate-name", join(&entry.path, "name"), message)
        .hint("names must differ in more than upper and lower case")
}

fn same_address(entry: &Entry<'_>, other: &Entry<'_>) -> Note {
    let message = format!("{} is the address of {} already", entry.address, other.member.name());
    Note::error("duplicate-address", join(&entry.path, "address"), message)
        .hint("every node and arbitrator has an address of its own")
}

fn same_host(entry: &Entry<'_>, other: &Entry<'_>, why: &str) -> Note {
    let field = if &entry.ssh.address == entry.address { "address" } else { "ssh_address" };
    let (name, other) = (entry.member.name(), other.member.name());
    let message = format!("{name} is on the host of {other}: {why}");
    Note::error("shared-host", join(&entry.path, field), message).hint(format!(
        "give {name} a host of its own; if it has one, correct the SSH address or port of {name} or {other}"
    ))
}
