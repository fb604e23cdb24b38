//! TLS settings that make a state transfer fail, or leave it in clear text.

use super::super::note::Note;
use super::super::{Inventory, raw::RawInventory};
use crate::model::SstMethod;

pub fn check(inventory: &Inventory, raw: &RawInventory) -> Vec<Note> {
    let server_tls = super::server_options(raw).find(|(_, name, _)| name == "ssl_cert" || name == "ssl_key");
    let group_tls = inventory.nodes.iter().any(|node| node.provider_options.contains_key("socket.ssl_cert"));
    let sst = &inventory.sst.options;
    let sst_says = ["encrypt", "ssl-mode", "ssl_mode", "tkey", "ssl-key", "ssl_key"];
    let sst_tls = sst_says.iter().any(|name| sst.contains_key(*name));
    match (inventory.sst.method, server_tls) {
        (SstMethod::Rsync, Some((path, ..))) if !sst_tls => vec![
            Note::warning("rsync-tls", path, "with server TLS, rsync SST needs stunnel, which no package pulls in")
                .at_key()
                .hint("install stunnel4 on every node, or set sst.options.ssl-mode: DISABLED"),
        ],
        (SstMethod::Mariabackup, server) if (server.is_some() || group_tls) && !sst_tls => vec![
            Note::warning("sst-clear-text", "sst", "the nodes speak TLS, but the state transfer is in clear text")
                .hint("set sst.options: encrypt: 3, tkey, tcert"),
        ],
        _ => Vec::new(),
    }
}
