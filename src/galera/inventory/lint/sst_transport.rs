//! TLS settings that make a state transfer fail, or leave it in clear text.

use crate::galera::inventory::Inventory;
use crate::galera::inventory::raw::RawInventory;
use crate::galera::model::SstMethod;
use crate::kernel::inventory::note::Note;

pub fn check(inventory: &Inventory, raw: &RawInventory) -> Vec<Note> {
    let sst = &inventory.sst.options;
    if ["encrypt", "ssl_mode", "tkey", "ssl_key"].iter().any(|name| sst.contains_key(*name)) {
        return Vec::new();
    }
    let server = crate::galera::inventory::lint::server_options(raw)
        .find(|(_, name, _)| name == "ssl_cert" || name == "ssl_key");
    let server = server.map(|(path, ..)| path);
    match inventory.sst.method {
        SstMethod::Rsync => server.map(rsync).into_iter().collect(),
        SstMethod::Mariabackup => server.or_else(|| group_tls(raw)).map(clear_text).into_iter().collect(),
    }
}

fn rsync(path: String) -> Note {
    Note::warning("rsync-tls", path, "with server TLS, rsync SST needs stunnel, which no package pulls in")
        .at_key()
        .hint("install stunnel4 on every node, or set sst.options.ssl-mode: DISABLED")
}

fn clear_text(path: String) -> Note {
    Note::warning("sst-clear-text", path, "the nodes speak TLS, but the state transfer is in clear text")
        .at_key()
        .hint("set sst.options: encrypt: 3, tkey, tcert")
}

/// Where the replication traffic gets its certificate.
fn group_tls(raw: &RawInventory) -> Option<String> {
    let common = raw.provider_options.iter().map(|options| ("provider_options".to_owned(), options));
    let own = raw.nodes.iter().enumerate().filter_map(|(index, node)| {
        Some((format!("nodes[{index}].provider_options"), node.provider_options.as_ref()?))
    });
    let mut found = common.chain(own).filter(|(_, options)| options.contains_key("socket.ssl_cert"));
    found.next().map(|(path, _)| format!("{path}.socket.ssl_cert"))
}
