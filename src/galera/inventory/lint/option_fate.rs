//! Options that every supported server refuses or ignores. What depends on the version is told
//! once the hosts have been asked.

use crate::galera::inventory::Inventory;
use crate::galera::inventory::options::{Fate, fate};
use crate::galera::inventory::raw::RawInventory;
use crate::galera::model::Flavour;
use crate::kernel::inventory::note::Note;

pub fn check(inventory: &Inventory, raw: &RawInventory) -> Vec<Note> {
    if inventory.flavour != Flavour::Mariadb {
        return Vec::new();
    }
    crate::galera::inventory::lint::server_options(raw)
        .filter_map(|(path, name, _)| note(path, &name))
        .collect()
}

fn note(path: String, name: &str) -> Option<Note> {
    match fate(name, None) {
        Fate::Accepted => None,
        Fate::Ignored => Some(
            Note::warning(
                "removed-option",
                path,
                format!("`{name}` has no effect in MariaDB 10.5 and later"),
            )
            .at_key()
            .hint("leave it out"),
        ),
        Fate::Fatal => Some(
            Note::error("unknown-option", path, format!("MariaDB does not start with `{name}`"))
                .at_key()
                .hint(replacement(name)),
        ),
    }
}

fn replacement(name: &str) -> &'static str {
    match name {
        "wsrep_applier_threads" => "MariaDB calls it wsrep_slave_threads",
        "tx_isolation" => "write transaction_isolation",
        "pxc_strict_mode" => "that is Percona's; MariaDB 10.6 and later have wsrep_mode",
        _ => "leave it out",
    }
}
