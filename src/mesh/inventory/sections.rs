//! Value → [`RawInventory`], section by section, so that one wrong word does not hide the others.

use serde_yaml::Value;

use super::ENGINE;
use super::raw::{RawCluster, RawInventory, RawNode};
use crate::kernel::inventory::note::Note;
use crate::kernel::inventory::{RawEntry, Reader, engine};

const SECTIONS: [&str; 14] = [
    "version",
    engine::SECTION,
    "cluster",
    "method",
    "ssh",
    "postgresql",
    "clients",
    "conflicts",
    "sequences",
    "secrets",
    "accept",
    "lint",
    "databases",
    RawNode::LIST,
];

const REMOVE: &str = "remove it";
const NOT_YET: &str = "remove it: galactl has this for another engine, and not yet for this one";
const BY_OTHERS: &str = "remove it: every node of a mesh takes writes, and none follows another one";

/// Sections and fields that another engine has, and what to do about them here.
const ELSEWHERE: [(&str, &str); 21] = [
    ("arbitrators", REMOVE),
    ("config_file", REMOVE),
    ("datadir", REMOVE),
    ("endpoint", NOT_YET),
    ("etcd", REMOVE),
    ("etcd_hosts", REMOVE),
    ("failover", BY_OTHERS),
    ("flavour", REMOVE),
    ("galera", REMOVE),
    ("health_port", NOT_YET),
    ("join", REMOVE),
    ("mariadb", REMOVE),
    ("monitoring", NOT_YET),
    ("mysqld", "write the server's settings under `postgresql: {settings: …}`"),
    ("provider", REMOVE),
    ("provider_options", REMOVE),
    ("proxies", NOT_YET),
    ("sst", REMOVE),
    ("synchronous", BY_OTHERS),
    ("tags", BY_OTHERS),
    ("wsrep", REMOVE),
];

/// Reads every section; the errors of all of them come together, with what could be read.
pub fn read(value: &Value) -> (Option<RawInventory>, Vec<Note>) {
    let Value::Mapping(map) = value else {
        let message = "an inventory is a mapping that begins with `version: 1`";
        return (
            None,
            vec![Note::error("not-an-inventory", "", message).hint("write `version: 1` as the first line")],
        );
    };
    let mut reader = Reader::new(map);
    let cluster = reader.required("cluster");
    let databases = reader.required("databases");
    reader.need(RawNode::LIST);
    let nodes = reader.list();
    let conflicts = reader.optional("conflicts");
    let sequences = reader.optional("sequences");
    let method = reader.optional("method");
    let complete = reader.notes.is_empty();
    reader.version();
    reader.unknown_sections(&SECTIONS);
    let inventory = RawInventory {
        version: 1,
        engine: (),
        cluster: cluster.unwrap_or_else(RawCluster::unread),
        method,
        ssh: reader.optional("ssh"),
        postgresql: reader.optional("postgresql"),
        clients: reader.optional("clients"),
        conflicts,
        sequences,
        secrets: reader.optional("secrets"),
        accept: reader.optional("accept"),
        lint: reader.optional("lint"),
        databases: databases.unwrap_or_default(),
        nodes,
        complete,
    };
    engine::tell_elsewhere(&mut reader.notes, ENGINE, &ELSEWHERE);
    (Some(inventory), reader.notes)
}
