//! What is legal in an inventory but unwise.

use super::raw::RawInventory;
use super::{Etcd, Inventory, SyncMode};
use crate::kernel::inventory::note::Note;
use crate::kernel::inventory::unwise::{addresses, without_root};

/// Looks at an inventory; the raw form tells where a value was written.
type Rule = fn(&Inventory, &RawInventory) -> Vec<Note>;

const RULES: [Rule; 6] = [entries, availability, synchronous, durability, archive, clients];

/// Runs every rule.
pub fn lint(inventory: &Inventory, raw: &RawInventory) -> Vec<Note> {
    RULES.iter().flat_map(|rule| rule(inventory, raw)).collect()
}

fn entries(inventory: &Inventory, raw: &RawInventory) -> Vec<Note> {
    let mut notes = addresses(&inventory.entries());
    notes.extend(without_root(&inventory.nodes, &raw.nodes));
    let others = without_root(&inventory.etcd_hosts, &raw.etcd_hosts);
    for note in others.into_iter().chain(without_root(&inventory.proxies, &raw.proxies)) {
        if notes.iter().all(|it| it.path != note.path) {
            notes.push(note);
        }
    }
    notes
}

fn availability(inventory: &Inventory, raw: &RawInventory) -> Vec<Note> {
    if inventory.nodes.len() == 1 {
        let note = Note::info("single-node", "nodes", "one node is no high availability").at_key();
        return vec![note.hint("three nodes survive the loss of one")];
    }
    let Etcd::Members(members) = &inventory.etcd else { return Vec::new() };
    let [alone] = members.as_slice() else { return Vec::new() };
    let path = match (raw.etcd.as_ref().and_then(|it| it.members.as_ref()), raw.etcd_hosts.as_slice()) {
        (Some(_), _) => "etcd.members",
        (None, []) => "nodes",
        (None, _) => "etcd_hosts",
    };
    let message =
        format!("etcd is on {} alone: when that host fails, no node may be the leader any more", alone.name);
    let note = Note::warning("single-etcd", path, message).at_key();
    vec![note.hint("three members survive the loss of one; a small machine under `etcd_hosts` is enough")]
}

fn synchronous(inventory: &Inventory, _raw: &RawInventory) -> Vec<Note> {
    if inventory.synchronous.mode != SyncMode::Off || inventory.nodes.len() == 1 {
        return Vec::new();
    }
    let message = "a failover may lose what clients were told is committed: a cut network, or a full stop after which a \
                   node that lagged starts first";
    vec![
        Note::warning("synchronous-off", "synchronous.mode", message)
            .hint("write `mode: on`, or leave it out"),
    ]
}

/// Settings with which a crash or a failover loses what was acknowledged.
fn durability(inventory: &Inventory, raw: &RawInventory) -> Vec<Note> {
    let off = |value: &str| ["off", "false", "no", "0"].iter().any(|it| value.eq_ignore_ascii_case(it));
    let mut notes = Vec::new();
    for (path, name, value) in written(raw) {
        let synchronous = inventory.synchronous.mode != SyncMode::Off;
        let message = match name.to_ascii_lowercase().as_str() {
            "fsync" | "full_page_writes" if off(value) => {
                "a crash of the host may destroy the whole database"
            }
            "synchronous_commit" if off(value) => {
                "a crash may lose the last commits that clients were told of"
            }
            "synchronous_commit" if synchronous && value.eq_ignore_ascii_case("local") => {
                "commits do not wait for a standby then, so a failover may lose them"
            }
            _ => continue,
        };
        notes.push(Note::warning("durability", path, message).hint("leave it out"));
    }
    notes
}

/// Without a command, WAL is kept for an archive that nobody writes, until the disk is full.
fn archive(_inventory: &Inventory, raw: &RawInventory) -> Vec<Note> {
    let names = ["archive_command", "archive_library"];
    let is_archived = written(raw).any(|(_, name, value)| names.contains(&name) && !value.is_empty());
    let wanted = |value: &str| !["off", "false", "no", "0"].iter().any(|it| value.eq_ignore_ascii_case(it));
    let modes = written(raw).filter(|(_, name, value)| *name == "archive_mode" && wanted(value));
    modes
        .filter(|_| !is_archived)
        .map(|(path, _, _)| {
            let message = "WAL is kept until the disk is full: there is neither `archive_command` nor `archive_library`";
            Note::warning("unwise-value", path, message).hint("set one of them, or leave `archive_mode` out")
        })
        .collect()
}

fn clients(inventory: &Inventory, raw: &RawInventory) -> Vec<Note> {
    if inventory.clients.is_empty() {
        let path = if raw.clients.is_some() { "clients" } else { "" };
        let note = Note::info("no-clients", path, "no client may connect over the network").at_key();
        return vec![note.hint("name their networks, as `clients: [10.0.0.0/24]`")];
    }
    let everywhere = inventory.clients.iter().enumerate().filter(|(_, network)| network.is_everywhere());
    let note = |(index, network)| {
        let message = format!("{network} is every address: whoever reaches the port may try passwords");
        let note = Note::warning("clients-anywhere", format!("clients[{index}]"), message);
        note.hint("name the networks from which applications connect")
    };
    everywhere.map(note).collect()
}

/// Every setting of the inventory: its path, its name as it is written, and its value.
fn written(raw: &RawInventory) -> impl Iterator<Item = (String, &str, &str)> {
    let common = raw.postgresql.iter().flat_map(|it| it.settings.iter().flatten());
    let common = common.map(|setting| ("postgresql.settings".to_owned(), setting));
    let own = raw.nodes.iter().enumerate().flat_map(|(index, node)| {
        let settings = node.postgresql.iter().flat_map(|it| it.settings.iter().flatten());
        settings.map(move |setting| (format!("nodes[{index}].postgresql.settings"), setting))
    });
    common.chain(own).map(|(path, (name, value))| (format!("{path}.{name}"), name.as_str(), value.0.as_str()))
}
