//! galactl's own file of settings, which the last line of postgresql.conf includes.

use std::collections::BTreeMap;

use crate::kernel::facts::ConfigFile;
use crate::kernel::plan::{Check, Follows, PutFile, diff};
use crate::mesh::inventory::{Inventory, Node};
use crate::mesh::model::{Cluster, Method, Strategy};
use crate::postgresql::Major;

/// A server takes 262,143 processes at most, clients among them.
const MOST_LINKS: u32 = 20_000;
/// The first line of every file.
pub const HEADER: &str = "# Written by galactl from the inventory: change it there, not here.";

/// Settings by their names.
pub type Values = BTreeMap<String, String>;

/// The text for a node. `larger`: what its server has without this file; a larger number stays.
pub fn text(inventory: &Inventory, node: &Node, larger: &Values) -> String {
    let mut lines = vec![HEADER.to_owned()];
    let own = own(inventory, node).into_iter().map(|(name, value)| match kept(larger, &name, &value) {
        Some(value) => (name, value.to_string()),
        None => (name, value),
    });
    let users = node.settings.iter().map(|(name, value)| (name.clone(), value.clone()));
    lines.extend(users.chain(own).map(|(name, value)| format!("{name} = {}", quoted(&value))));
    lines.join("\n") + "\n"
}

/// The number that the server has already, where it is larger than what a mesh needs.
fn kept(larger: &Values, name: &str, value: &str) -> Option<u64> {
    let (there, needed): (u64, u64) = (larger.get(name)?.parse().ok()?, value.parse().ok()?);
    (there > needed).then_some(there)
}

/// What stays as it is, because it is larger than what a mesh needs: each name with the server's number and with that one.
pub fn stays(inventory: &Inventory, node: &Node, larger: &Values) -> Vec<(String, u64, String)> {
    let all = own(inventory, node).into_iter();
    all.filter_map(|(name, value)| Some((kept(larger, &name, &value)?, name, value)))
        .map(|(there, name, value)| (name, there, value))
        .collect()
}

/// The numbers that a server has without galactl's file. One that gives no answer has those of the file, as it is.
pub fn larger(live: Option<&Values>, there: Option<&ConfigFile>) -> Values {
    let of_file = || {
        let lines = there.into_iter().flat_map(|file| file.text.lines());
        let pairs = lines.filter_map(|line| line.split_once(" = "));
        pairs.map(|(name, value)| (name.to_owned(), value.trim_matches('\'').to_owned())).collect()
    };
    live.cloned().unwrap_or_else(of_file)
}

/// The file as a plan puts it in place.
pub fn server_file(
    inventory: &Inventory,
    node: &Node,
    major: Major,
    there: Option<&ConfigFile>,
    larger: &Values,
) -> PutFile {
    let (path, text) = (Cluster(major).own_settings(), text(inventory, node, larger));
    PutFile {
        artefact: PutFile::SETTINGS.into(),
        stage: None,
        owner: "root".into(),
        group: "root".into(),
        mode: "644".into(),
        check: Check::none(),
        follows: Follows::Nothing,
        replaces: there.is_some(),
        diff: diff(&node.host, &path, there.map(|it| it.text.as_str()), &text),
        path,
        text,
    }
}

/// What the mesh needs. It stands behind the inventory's settings, and the last line counts.
fn own(inventory: &Inventory, node: &Node) -> Vec<(String, String)> {
    // Each node reads from, and is read by, every other one in each database; as many again come and go with joins.
    let databases = u32::try_from(inventory.databases.len()).unwrap_or(u32::MAX);
    let links = u32::from(inventory.sequence_step).saturating_mul(databases).min(MOST_LINKS);
    let room = (2 * links).max(16);
    let mut settings = vec![
        ("listen_addresses", "*".to_owned()),
        ("port", inventory.port.to_string()),
        ("password_encryption", "scram-sha-256".into()),
        ("wal_level", "logical".into()),
        // The last update can only win where it is known when each was made.
        ("track_commit_timestamp", "on".into()),
        ("max_replication_slots", room.to_string()),
        ("max_wal_senders", (room + 8).to_string()),
        ("max_logical_replication_workers", room.to_string()),
        ("max_worker_processes", (room + 16).to_string()),
        // Who is cut off is noticed within seconds.
        ("wal_sender_timeout", "10s".into()),
        ("wal_receiver_timeout", "10s".into()),
    ];
    if inventory.method == Method::Pglogical {
        // Since 15.20 and 17.12 a slot takes only plugins that are named here.
        settings.push(("output_plugin_libraries", "pgoutput, test_decoding, pglogical_output".into()));
        settings.push(("pglogical.conflict_resolution", resolution(inventory.conflicts.strategy).into()));
    }
    settings.push(("galactl.node", node.name.to_string()));
    settings.extend(node.region.as_ref().map(|region| ("galactl.region", region.clone())));
    let preload = preload(inventory, node).map(|it| ("shared_preload_libraries".to_owned(), it));
    settings.into_iter().map(|(name, value)| (name.to_owned(), value)).chain(preload).collect()
}

/// pglogical beside those that the inventory names.
fn preload(inventory: &Inventory, node: &Node) -> Option<String> {
    let named = node.settings.get("shared_preload_libraries").map(String::as_str).unwrap_or_default();
    let mut all: Vec<_> = named.split(',').map(str::trim).filter(|name| !name.is_empty()).collect();
    if inventory.method != Method::Pglogical {
        return None;
    }
    if !all.contains(&"pglogical") {
        all.push("pglogical");
    }
    Some(all.join(", "))
}

/// How pglogical settles a conflict. A user's merge function has its turn only where the remote row is applied.
fn resolution(strategy: Strategy) -> &'static str {
    match strategy {
        Strategy::LastUpdateWins | Strategy::Region => "last_update_wins",
        Strategy::Custom => "apply_remote",
        Strategy::OriginWins => "keep_local",
    }
}

/// As postgresql.conf has a value: a quote is doubled, and a backslash too, which would make other letters of those behind it.
fn quoted(value: &str) -> String {
    format!("'{}'", value.replace('\\', "\\\\").replace('\'', "''"))
}

#[cfg(test)]
mod tests {
    use super::quoted;

    #[test]
    fn nothing_ends_a_value() {
        assert_eq!(quoted(r"it's a \n"), r"'it''s a \\n'");
    }
}
