//! What galactl sets where the inventory does not.

use crate::galera::inventory::options::REQUIRED;
use crate::galera::inventory::{Inventory, Node};
use crate::galera::model::Distribution;
use crate::kernel::inventory::Settings;
use crate::kernel::model::Address;

/// A node's `[mysqld]` options: galactl's defaults, which the inventory's options override.
pub fn with_defaults(distribution: &Distribution, inventory: &Inventory, node: &Node) -> Settings {
    let ipv6 = inventory.nodes.iter().any(|node| matches!(node.address, Address::Ip(ip) if ip.is_ipv6()));
    let mut settings = usual(distribution, ipv6);
    settings.extend(REQUIRED.iter().map(owned));
    settings.extend(node.mysqld.clone());
    settings
}

/// galactl's defaults, for an inventory that sets none of these options; `ipv6`: one of its nodes has an IPv6 address.
pub fn usual(distribution: &Distribution, ipv6: bool) -> Settings {
    let defaults = [
        ("bind_address", if ipv6 { "::" } else { "0.0.0.0" }),
        ("wsrep_auto_increment_control", "ON"),
        (distribution.appliers, "4"),
    ];
    defaults.iter().map(owned).collect()
}

fn owned(pair: &(&str, &str)) -> (String, String) {
    (pair.0.to_owned(), pair.1.to_owned())
}
