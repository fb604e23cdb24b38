//! The files with which a node tells whether it serves.

use std::sync::LazyLock;

use serde::Serialize;

use super::{DRAIN_FLAG, USER};
use crate::galera::endpoint::Endpoint;
use crate::galera::inventory::Inventory;
use crate::galera::judge::room;
use crate::kernel::facts::ConfigFile;
use crate::kernel::model::{HostName, UnitName};
use crate::kernel::plan::{Check, Follows, PutFile};
use crate::kernel::templates::{Templates, shell_word};

/// Where the script is.
pub const SCRIPT: &str = "/usr/local/lib/galactl-health";
pub const SOCKET: &str = "/etc/systemd/system/galactl-health.socket";
pub const SERVICE: &str = "/etc/systemd/system/galactl-health@.service";

const TEXTS: [(&str, &str); 3] = [
    (SCRIPT, include_str!("../../../templates/galactl-health")),
    (SOCKET, include_str!("../../../templates/galactl-health.socket")),
    (SERVICE, include_str!("../../../templates/galactl-health@.service")),
];

static TEMPLATES: LazyLock<Templates> = LazyLock::new(|| Templates::of(&TEXTS));

/// Bytes. InnoDB makes a table longer by up to so many at a time.
const NO_ROOM: u64 = 4 << 20;

/// What a template may use. Words of the script are quoted for a shell.
#[derive(Serialize)]
struct View {
    path: &'static str,
    user: &'static str,
    flag: &'static str,
    port: u16,
    socket: String,
    proxies: String,
    /// Bytes. A node with less on the file system of its data takes no new clients.
    little_room: u64,
    /// Bytes. A node with less can make no file longer.
    no_room: u64,
}

/// A file as it is to be.
pub struct Wanted {
    /// Its name among the role's files, which is that of its section in a report.
    pub artefact: &'static str,
    pub path: &'static str,
    mode: &'static str,
    pub text: String,
}

/// The files of a node whose server has its unix socket at `socket`.
pub fn wanted(inventory: &Inventory, endpoint: Endpoint, socket: &str) -> Vec<Wanted> {
    // The proxy that has the shared address may ask from that address; with IPv6, it does.
    let shared = inventory.shared_address().filter(|_| !inventory.proxies().is_empty());
    let own = inventory.proxies().iter().map(|proxy| proxy.address.to_string());
    let proxies: Vec<_> = own.chain(shared.map(|shared| shared.address.to_string())).collect();
    let view = View {
        path: SCRIPT,
        user: USER,
        flag: DRAIN_FLAG,
        port: endpoint.health_port,
        socket: shell_word(socket),
        proxies: shell_word(&proxies.join(" ")),
        little_room: room::LEAST_DATA,
        no_room: NO_ROOM,
    };
    let file = |artefact, path, mode| {
        let text = TEMPLATES.render(path, &view);
        Wanted { artefact, path, mode, text }
    };
    vec![file("script", SCRIPT, "755"), file("socket", SOCKET, "644"), file("service", SERVICE, "644")]
}

impl Wanted {
    pub fn put(self, host: &HostName, there: Option<&ConfigFile>) -> PutFile {
        let (check, follows) = match self.path {
            SCRIPT => (Check::new("shell", &["sh", "-n", Check::CANDIDATE]), Follows::Nothing),
            _ => (Check::none(), Follows::Restart(unit())),
        };
        PutFile {
            artefact: self.artefact.into(),
            mode: self.mode.into(),
            check,
            follows,
            ..PutFile::of_root(host, self.path, self.text, there)
        }
    }
}

fn unit() -> UnitName {
    USER.parse().expect("a unit's name")
}
