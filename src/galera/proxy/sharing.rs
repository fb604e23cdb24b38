//! Which proxies share the endpoint's address.

use super::Proxy;
use crate::galera::inventory::Inventory;
use crate::galera::judge::Basis;
use crate::kernel::keepalived::facts::SharingFacts;
use crate::kernel::keepalived::{Sharer, Sharing};

/// The proxies with what was seen of them; `None`: they share none.
pub fn of<'a>(basis: &Basis<'a>) -> Option<Sharing<'a>> {
    let observation = basis.observation;
    with(basis.inventory, |proxy| observation.sharing_of(&proxy.name))
}

/// The same where no host was asked.
pub fn unasked(inventory: &Inventory) -> Option<Sharing<'_>> {
    with(inventory, |_| None)
}

fn with<'a>(
    inventory: &'a Inventory,
    facts: impl Fn(&Proxy) -> Option<&'a SharingFacts>,
) -> Option<Sharing<'a>> {
    let sharer = |proxy: &'a Proxy| Sharer {
        name: &proxy.name,
        host: &proxy.host,
        address: &proxy.address,
        program: proxy.kind.name(),
        facts: facts(proxy),
    };
    Some(Sharing {
        shared: inventory.shared_address()?,
        all: inventory.proxies().iter().map(sharer).collect(),
        install: inventory.install,
        set_up: "apply-config",
    })
}
