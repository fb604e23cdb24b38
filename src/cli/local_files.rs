//! Files of this machine that an inventory names.

use std::path::{Path, PathBuf};

use serde_yaml::Value;

use crate::galera::inventory::Inventory;
use crate::galera::proxy::proxysql::inventory::Local;
use crate::kernel::inventory::note::Note;
use crate::kernel::model::sha256;

/// A warning for each file of the SSH settings, and for a package, that does not exist. It is no error: a job that only
/// reviews plans has no keys.
pub fn check(inventory: &Value, base: &Path) -> Vec<Note> {
    let mut sections = vec![("ssh".to_owned(), &inventory["ssh"])];
    for list in ["nodes", "arbitrators", "proxies"] {
        let entries = inventory[list].as_sequence().into_iter().flatten().enumerate();
        sections.extend(entries.map(|(index, entry)| (format!("{list}[{index}].ssh"), &entry["ssh"])));
    }
    // ssh takes a configuration that is not there for an empty one.
    let fields = ["key", "known_hosts"].iter();
    let all =
        fields.flat_map(|field| sections.iter().map(move |(path, section)| (path, *field, &section[*field])));
    let of_ssh =
        all.filter_map(|(path, field, value)| missing(&format!("{path}.{field}"), value.as_str()?, base));
    let package = inventory["proxysql"]["package"].as_str();
    of_ssh.chain(package.and_then(|file| missing("proxysql.package", file, base))).collect()
}

/// Reads the package from which ProxySQL is installed, where the inventory names one that is there.
pub fn find_package(inventory: &mut Inventory, base: &Path) {
    let Some(package) = inventory.proxysql.as_mut().and_then(|section| section.package.as_mut()) else {
        return;
    };
    let path = on_disk(&package.file, base).unwrap_or_else(|| base.join(&package.file));
    let bytes = std::fs::read(&path);
    package.local = bytes.ok().map(|bytes| Local { path, sha256: sha256(bytes) });
}

fn missing(path: &str, written: &str, base: &Path) -> Option<Note> {
    let file = on_disk(written, base)?;
    let why = match file.metadata() {
        Ok(metadata) if metadata.is_file() => return None,
        Ok(_) => "it is no file".to_owned(),
        Err(error) => error.to_string(),
    };
    let message = format!("{}: {why}", file.display());
    Some(Note::warning("no-such-file", path, message).hint("paths are relative to the inventory"))
}

/// Where a path leads; `None` where only ssh can tell: it has words of its own, replaces `%` and knows other homes.
fn on_disk(written: &str, base: &Path) -> Option<PathBuf> {
    if written == "none" || written.contains('%') || written.starts_with("/dev/") {
        return None;
    }
    match written.strip_prefix("~/") {
        Some(rest) => Some(PathBuf::from(std::env::var_os("HOME")?).join(rest)),
        None if written.starts_with('~') => None,
        None => Some(base.join(written)),
    }
}
