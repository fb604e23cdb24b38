//! The settings of the servers, from the dynamic configuration and from the nodes' own files.

use serde_json::Value;

use super::{ByNode, Member, Remark};
use crate::kernel::inventory::Settings;
use crate::patroni::config::{may_hold_secret, same, texts};
use crate::patroni::inventory::settings::{canonical, check, is_shared};

/// Settings that galactl or Patroni writes with this very value, and so nobody misses. Without a value: whatever it is.
const WRITTEN_ANYWAY: [(&str, &str); 7] = [
    ("cluster_name", ""),
    ("hot_standby", "on"),
    ("listen_addresses", ""),
    ("password_encryption", "scram-sha-256"),
    ("port", ""),
    ("unix_socket_directories", "/var/run/postgresql"),
    ("wal_log_hints", "on"),
];

pub struct Found {
    /// For every server.
    pub common: Settings,
    /// By node, what goes before it.
    pub own: ByNode,
}

/// A node's own file goes before the dynamic configuration, but for the settings that all servers share.
pub fn of(members: &[Member<'_>], configuration: &Value, remarks: &mut Vec<Remark>) -> Found {
    let mut common: Settings = texts(configuration);
    let mut own: ByNode = members
        .iter()
        .map(|member| {
            let parameters =
                member.file.parameters.iter().map(|(name, value)| (canonical(name), value.clone()));
            (member.file.name.clone(), parameters.filter(|(name, _)| !is_shared(name)).collect())
        })
        .collect();
    // What all files say alike is everybody's.
    let first = own.values().next().cloned().unwrap_or_default();
    for (name, value) in first {
        if own.values().all(|all| all.get(&name).is_some_and(|other| same(other, &value))) {
            for all in own.values_mut() {
                all.remove(&name);
            }
            common.insert(name, value);
        }
    }
    for all in own.values_mut() {
        all.retain(|name, value| common.get(name).is_none_or(|usual| !same(usual, value)));
    }
    take_out(&mut common, None, remarks);
    for (node, all) in &mut own {
        take_out(all, Some(node), remarks);
    }
    Found { common, own }
}

/// Removes what an inventory must not say, with a remark where it matters.
fn take_out(settings: &mut Settings, node: Option<&String>, remarks: &mut Vec<Remark>) {
    let place = node.map(|node| format!("{node}: ")).unwrap_or_default();
    settings.retain(|name, value| {
        if WRITTEN_ANYWAY
            .iter()
            .any(|(known, usual)| known == name && (usual.is_empty() || same(usual, value)))
        {
            return false;
        }
        if may_hold_secret(value) {
            remarks.push(Remark::new(format!(
                "{place}left out is the setting `{name}`: a secret may stand in its value, and everybody may read an inventory. As long as the inventory has no `{name}`, apply-config takes it away: put the secret into a file that only `postgres` may read, let the command read it there, and write the setting here"
            )));
            return false;
        }
        let Err(wrong) = check(name, value) else { return true };
        remarks.push(Remark::new(format!("{place}left out is the setting `{name}`: {}", wrong.message)));
        false
    });
}
