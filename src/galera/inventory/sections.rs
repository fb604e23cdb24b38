//! Value → [`RawInventory`], section by section, so that one wrong word does not hide the others.

use serde_yaml::Value;

use super::lists::{BESIDE, RawBeside};
use super::raw::{RawCluster, RawInventory};
use crate::kernel::inventory::note::Note;
use crate::kernel::inventory::{Reader, engine};

const SECTIONS: [&str; 17] = [
    "version",
    engine::SECTION,
    "cluster",
    "ssh",
    "sst",
    "join",
    "mysqld",
    "provider_options",
    "host",
    "thresholds",
    "accept",
    "endpoint",
    "proxysql",
    "monitoring",
    "tls",
    "lint",
    "nodes",
];

/// Reads every section; the errors of all of them come together, with what could be read.
pub fn read(value: &Value) -> (Option<RawInventory>, Vec<Note>) {
    let Value::Mapping(map) = value else {
        let message = "an inventory is a mapping that begins with `version: 1`";
        let note = Note::error("not-an-inventory", "", message);
        return (None, vec![note.hint("`galactl init` writes one to start from")]);
    };
    let mut reader = Reader::new(map);
    let cluster = reader.required("cluster");
    reader.need("nodes");
    let nodes = reader.list();
    let beside = RawBeside::read(&mut reader);
    let proxysql = reader.optional("proxysql");
    let monitoring = reader.optional("monitoring");
    let tls = reader.optional("tls");
    let lint = reader.optional("lint");
    let complete = reader.notes.is_empty();
    reader.version();
    reader.unknown_sections(&[&SECTIONS[..], &BESIDE].concat());
    let inventory = RawInventory {
        version: 1,
        engine: (),
        cluster: cluster.unwrap_or_else(RawCluster::unread),
        ssh: reader.optional("ssh"),
        sst: reader.optional("sst"),
        join: reader.optional("join"),
        mysqld: reader.optional("mysqld"),
        provider_options: reader.optional("provider_options"),
        host: reader.optional("host"),
        thresholds: reader.optional("thresholds"),
        accept: reader.optional("accept"),
        endpoint: reader.optional("endpoint"),
        proxysql,
        monitoring,
        tls,
        lint,
        nodes,
        beside,
        complete,
    };
    (Some(inventory), reader.notes)
}
