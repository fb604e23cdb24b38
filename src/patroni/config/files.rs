//! All files of an inventory.

use super::{EtcdStart, File, cluster_defaults, etcd_file, patroni_file};
use crate::kernel::haproxy::FILE;
use crate::kernel::keepalived;
use crate::kernel::model::NodeName;
use crate::patroni::inventory::Inventory;
use crate::patroni::model::Software;
use crate::patroni::proxy::{settings, sharing};

/// The files of all hosts, each with the entry that it is for, as a new cluster gets them.
pub fn files(inventory: &Inventory, software: Software) -> Vec<(&NodeName, File)> {
    let nodes = inventory.nodes.iter().flat_map(|node| {
        let own = [patroni_file(inventory, node, software), cluster_defaults()];
        own.map(|file| (&node.name, file))
    });
    let members = inventory.etcd.members().iter();
    let members = members.map(|it| (&it.name, etcd_file(inventory, it, software, EtcdStart::New)));
    let endpoint = inventory.endpoint.into_iter();
    let proxies = endpoint.flat_map(|ports| {
        let file = move |proxy| (proxy, File::of_root("config", FILE, settings::text(inventory, ports)));
        inventory.proxies.iter().map(|proxy| &proxy.name).map(file)
    });
    let shared = sharing::unasked(inventory).map(|it| keepalived::settings::files(&it));
    let shared = shared.into_iter().flatten();
    let shared = shared.map(|(proxy, path, text)| (proxy, File::of_root("keepalived", path, text)));
    nodes.chain(members).chain(proxies).chain(shared).collect()
}
