//! The file with which a proxy's host shares the address.

use std::sync::LazyLock;

use serde::Serialize;

use super::unit;
use crate::galera::endpoint::VirtualAddress;
use crate::galera::inventory::Inventory;
use crate::galera::proxy::Proxy;
use crate::kernel::facts::ConfigFile;
use crate::kernel::plan::{Check, Follows, PutFile};
use crate::kernel::templates::Templates;

pub const FILE: &str = "/etc/keepalived/keepalived.conf";
/// The facts of a proxy's host that the file names.
#[derive(Debug, Clone, Copy)]
pub struct Places<'a> {
    /// The interface that has the proxy's own address.
    pub interface: &'a str,
    /// Where systemctl is. keepalived runs no script by way of a symbolic link, and Debian 11 may have it in /bin
    /// alone.
    pub systemctl: &'a str,
}

impl Places<'static> {
    /// What is assumed where no host was asked.
    pub const USUAL: Self = Self { interface: "eth0", systemctl: "/usr/bin/systemctl" };
}

/// The first proxy's VRRP priority; each further proxy has one less.
const FIRST_PRIORITY: usize = 150;

static TEMPLATES: LazyLock<Templates> =
    LazyLock::new(|| Templates::of(&[(FILE, include_str!("../../../templates/keepalived.conf"))]));

/// What the template may use.
#[derive(Serialize)]
struct View<'a> {
    program: &'static str,
    interface: &'a str,
    systemctl: &'a str,
    router_id: u8,
    priority: usize,
    address: String,
    peers: Vec<String>,
    virtual_address: String,
}

/// The file's text.
pub fn text(inventory: &Inventory, shared: VirtualAddress, proxy: &Proxy, places: Places<'_>) -> String {
    let place = inventory.proxies().iter().position(|it| it.name == proxy.name).unwrap_or_default();
    let peers = inventory.proxies().iter().filter(|it| it.name != proxy.name);
    let view = View {
        program: proxy.kind.name(),
        interface: places.interface,
        systemctl: places.systemctl,
        router_id: shared.router_id(),
        priority: FIRST_PRIORITY.saturating_sub(place).max(1),
        address: proxy.address.to_string(),
        peers: peers.map(|it| it.address.to_string()).collect(),
        virtual_address: shared.to_string(),
    };
    TEMPLATES.render(FILE, &view)
}

/// The file as it is to be, in place of what is there.
pub fn wanted(
    inventory: &Inventory,
    shared: VirtualAddress,
    proxy: &Proxy,
    places: Places<'_>,
    there: Option<&ConfigFile>,
) -> PutFile {
    PutFile {
        check: Check::new("keepalived", &["keepalived", "--config-test", "-f", Check::CANDIDATE]),
        follows: Follows::Reload(unit()),
        ..PutFile::of_root(&proxy.host, FILE, text(inventory, shared, proxy, places), there)
    }
}
