//! The file with which a proxy's host shares the address.

use std::sync::LazyLock;

use serde::Serialize;

use super::facts::Places;
use super::program::{FILE, unit};
use super::{Sharer, Sharing};
use crate::kernel::facts::ConfigFile;
use crate::kernel::model::NodeName;
use crate::kernel::plan::{Check, Follows, PutFile};
use crate::kernel::templates::Templates;

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

/// The file's text. `places`: the facts of its host that it names.
pub fn text(sharing: &Sharing<'_>, own: &Sharer<'_>, places: Places<'_>) -> String {
    let place = sharing.all.iter().position(|it| it.name == own.name).unwrap_or_default();
    let peers = sharing.all.iter().filter(|it| it.name != own.name);
    let view = View {
        program: own.program,
        interface: places.interface,
        systemctl: places.systemctl,
        router_id: sharing.shared.router_id(),
        priority: FIRST_PRIORITY.saturating_sub(place).max(1),
        address: own.address.to_string(),
        peers: peers.map(|it| it.address.to_string()).collect(),
        virtual_address: sharing.shared.to_string(),
    };
    TEMPLATES.render(FILE, &view)
}

/// Whose each file is, its path and its text, where no host was asked.
pub fn files<'a>(sharing: &Sharing<'a>) -> Vec<(&'a NodeName, &'static str, String)> {
    sharing.all.iter().map(|own| (own.name, FILE, text(sharing, own, Places::USUAL))).collect()
}

/// The file as it is to be, in place of what is there.
pub fn wanted(
    sharing: &Sharing<'_>,
    own: &Sharer<'_>,
    places: Places<'_>,
    there: Option<&ConfigFile>,
) -> PutFile {
    PutFile {
        check: Check::new("keepalived", &["keepalived", "--config-test", "-f", Check::CANDIDATE]),
        follows: Follows::Reload(unit()),
        ..PutFile::of_root(own.host, FILE, text(sharing, own, places), there)
    }
}
