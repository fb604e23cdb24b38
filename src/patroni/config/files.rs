//! All files of an inventory.

use super::{EtcdStart, File, cluster_defaults, etcd_file, patroni_file};
use crate::kernel::haproxy::FILE;
use crate::kernel::model::NodeName;
use crate::patroni::inventory::Inventory;
use crate::patroni::model::Software;
use crate::patroni::proxy::settings;

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
    nodes.chain(members).chain(proxies).collect()
}
