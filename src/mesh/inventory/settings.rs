//! Which settings of PostgreSQL an inventory of a mesh may set.

pub use crate::postgresql::settings::{Wrong, merged, notes};
use crate::postgresql::settings::{check_known, check_writing};

const DEBIAN: &str = "leave it out: it is where Debian's own cluster `main` has it";
const SECONDS: &str = "leave it out: it is 10s, so that a node which is cut off is noticed soon";
const ROOM: &str = "leave it out: galactl makes room for all nodes, and some to come";

/// Written by galactl; the second word says where the value comes from.
const MANAGED: [(&str, &str); 24] = [
    ("cluster_name", "leave it out: Debian writes it"),
    ("config_file", DEBIAN),
    ("data_directory", DEBIAN),
    ("external_pid_file", DEBIAN),
    ("galactl.node", "leave it out: it is the name of the node"),
    ("galactl.region", "write `region` of the node"),
    ("hba_file", DEBIAN),
    ("ident_file", DEBIAN),
    (
        "listen_addresses",
        "leave it out: nodes and clients reach the server at all addresses, as far as pg_hba.conf lets them in",
    ),
    ("max_logical_replication_workers", ROOM),
    ("max_replication_slots", ROOM),
    ("max_wal_senders", ROOM),
    ("max_worker_processes", ROOM),
    ("output_plugin_libraries", "set `method`"),
    ("password_encryption", "leave it out: it is scram-sha-256, with which nodes log in"),
    ("pglogical.conflict_resolution", "set `conflicts`"),
    ("pglogical.use_spi", "leave it out: triggers that fire in apply need its default"),
    ("port", "set `postgresql.port`"),
    ("track_commit_timestamp", "leave it out: it is always on"),
    ("unix_socket_directories", DEBIAN),
    ("wal_level", "leave it out: it is logical"),
    ("wal_receiver_timeout", SECONDS),
    ("wal_sender_timeout", SECONDS),
    ("default_transaction_read_only", "leave it out: every node takes writes"),
];

/// Checks a setting for a server.
pub fn check(name: &str, value: &str) -> Result<(), Wrong> {
    let name = check_writing(name, value)?;
    let Some((_, source)) = MANAGED.iter().find(|(managed, _)| *managed == name) else {
        return check_known(&name);
    };
    Err(Wrong {
        code: "managed-setting",
        message: format!("`{name}` is written by galactl"),
        hint: (*source).to_owned(),
        on_name: true,
    })
}
