//! Values that are accepted and cause trouble later. Sources: galeracluster.com limitations; MariaDB's list of
//! known limitations.

use crate::galera::inventory::Inventory;
use crate::galera::inventory::raw::RawInventory;
use crate::kernel::inventory::note::Note;

/// Option, test of its value, why, and what to do.
type Unwise = (&'static str, fn(&str) -> bool, &'static str, &'static str);

const UNWISE: [Unwise; 6] = [
    (
        "log_output",
        |v| v.to_ascii_uppercase().contains("TABLE"),
        "log tables are not replicated",
        "set it to FILE",
    ),
    (
        "query_cache_type",
        |v| !["0", "OFF"].contains(&v),
        "the query cache can return stale rows",
        "leave it at 0",
    ),
    ("binlog_do_db", |_| true, "filters make rows vanish on some nodes only", "leave it out"),
    (
        "bind_address",
        |v| v.starts_with("127.") || v == "localhost",
        "no client on another host can connect",
        "leave it out, or give the node's address",
    ),
    (
        "wsrep_sst_donor",
        |v| !v.ends_with(','),
        "a node cannot join while these donors are away",
        "end the list with a comma",
    ),
    (
        "wsrep_auto_increment_control",
        |v| ["0", "OFF"].contains(&v),
        "two nodes can give out one AUTO_INCREMENT value",
        "leave it ON",
    ),
];

pub fn check(_inventory: &Inventory, raw: &RawInventory) -> Vec<Note> {
    crate::galera::inventory::lint::server_options(raw)
        .filter_map(|(path, name, value)| {
            let (_, _, why, hint) =
                UNWISE.iter().find(|(option, test, ..)| *option == name && test(value))?;
            Some(Note::warning("unwise-value", path, format!("`{name}` = {value}: {why}")).hint(*hint))
        })
        .collect()
}
