//! Value → [`RawInventory`], section by section, so that one wrong word does not hide the others.

use serde_yaml::Value;

use super::ENGINE;
use super::raw::{RawCluster, RawEtcdHost, RawInventory, RawNode};
use crate::kernel::inventory::note::Note;
use crate::kernel::inventory::{RawEntry, Reader, engine};
use crate::patroni::proxy::inventory::RawProxy;

const SECTIONS: [&str; 15] = [
    "version",
    engine::SECTION,
    "cluster",
    "ssh",
    "postgresql",
    "clients",
    "synchronous",
    "failover",
    "etcd",
    "endpoint",
    "secrets",
    "accept",
    RawNode::LIST,
    RawEtcdHost::LIST,
    RawProxy::LIST,
];

const REMOVE: &str = "remove it";
const NOT_YET: &str = "remove it: galactl has this for another engine, and not yet for this one";

/// Sections and fields that another engine has, and what to do about them here.
const ELSEWHERE: [(&str, &str); 23] = [
    ("arbitrators", "remove it; machines with etcd alone stand under `etcd_hosts`"),
    ("config_file", REMOVE),
    ("datadir", REMOVE),
    ("drain", "remove it: clients of a primary that gives up its role are cut off, and connect again"),
    ("flavour", REMOVE),
    ("galera", REMOVE),
    ("health_port", "remove it: Patroni itself answers the proxies"),
    ("host", REMOVE),
    ("join", REMOVE),
    ("lint", NOT_YET),
    ("mariadb", REMOVE),
    ("monitoring", NOT_YET),
    ("mysqld", "write the server's settings under `postgresql: {settings: …}`"),
    ("provider", REMOVE),
    ("provider_options", REMOVE),
    ("proxysql", REMOVE),
    ("region", REMOVE),
    ("regions", REMOVE),
    ("segment", REMOVE),
    ("sst", REMOVE),
    ("thresholds", NOT_YET),
    ("writes", "remove it: the primary takes the writes, and Patroni says which node that is"),
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
    reader.need(RawNode::LIST);
    let nodes = reader.list();
    let etcd_hosts = reader.list();
    let proxies = reader.list();
    let etcd = reader.optional("etcd");
    let synchronous = reader.optional("synchronous");
    let complete = reader.notes.is_empty();
    reader.version();
    reader.unknown_sections(&SECTIONS);
    let inventory = RawInventory {
        version: 1,
        engine: (),
        cluster: cluster.unwrap_or_else(RawCluster::unread),
        ssh: reader.optional("ssh"),
        postgresql: reader.optional("postgresql"),
        clients: reader.optional("clients"),
        synchronous,
        failover: reader.optional("failover"),
        etcd,
        endpoint: reader.optional("endpoint"),
        secrets: reader.optional("secrets"),
        accept: reader.optional("accept"),
        nodes,
        etcd_hosts,
        proxies,
        complete,
    };
    engine::tell_elsewhere(&mut reader.notes, ENGINE, &ELSEWHERE);
    (Some(inventory), reader.notes)
}
