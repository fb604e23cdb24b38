//! Which proxies share an address.

use super::{Proxy, ROLE, SET_UP};
use crate::kernel::keepalived::facts::SharingFacts;
use crate::kernel::keepalived::{Sharer, Sharing};
use crate::patroni::inventory::Inventory;

/// The proxies where no host was asked; `None`: they share none.
pub fn unasked(inventory: &Inventory) -> Option<Sharing<'_>> {
    with(inventory, |_| None)
}

/// The same with the facts of each.
pub fn with<'a>(
    inventory: &'a Inventory,
    facts: impl Fn(&Proxy) -> Option<&'a SharingFacts>,
) -> Option<Sharing<'a>> {
    let sharer = |proxy: &'a Proxy| Sharer {
        name: &proxy.name,
        host: &proxy.host,
        address: &proxy.address,
        program: ROLE,
        facts: facts(proxy),
    };
    Some(Sharing {
        shared: inventory.shared_address?,
        all: inventory.proxies.iter().map(sharer).collect(),
        install: inventory.install,
        set_up: SET_UP,
    })
}
