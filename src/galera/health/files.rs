//! The files with which a node tells whether it serves.

use std::sync::LazyLock;

use serde::Serialize;
use tera::{Context, Tera};

use super::{DRAIN_FLAG, USER};
use crate::galera::endpoint::Endpoint;
use crate::galera::inventory::Inventory;
use crate::galera::judge::room;
use crate::kernel::facts::ConfigFile;
use crate::kernel::model::{HostName, UnitName};
use crate::kernel::plan::{Check, Follows, PutFile};

/// Where the script is.
pub const SCRIPT: &str = "/usr/local/lib/galactl-health";
pub const SOCKET: &str = "/etc/systemd/system/galactl-health.socket";
pub const SERVICE: &str = "/etc/systemd/system/galactl-health@.service";

const TEMPLATES: [(&str, &str); 3] = [
    (SCRIPT, include_str!("../../../templates/galactl-health")),
    (SOCKET, include_str!("../../../templates/galactl-health.socket")),
    (SERVICE, include_str!("../../../templates/galactl-health@.service")),
];

static TERA: LazyLock<Tera> = LazyLock::new(|| {
    let mut tera = Tera::default();
    tera.autoescape_on(Vec::<&str>::new());
    tera.add_raw_templates(TEMPLATES).expect("the templates are galactl's own");
    tera
});

/// What a template may use. Words of the script are quoted for a shell.
#[derive(Serialize)]
struct View {
    path: &'static str,
    user: &'static str,
    flag: &'static str,
    port: u16,
    socket: String,
    proxies: String,
    /// Bytes. A node with less on the file system of its data is full.
    least_room: u64,
}

/// A file as it is to be.
pub struct Wanted {
    /// Its name among the role's files, which is that of its section in a report.
    pub artefact: &'static str,
    pub path: &'static str,
    mode: &'static str,
    pub text: String,
}

/// The files of a node whose server has its socket there.
pub fn wanted(inventory: &Inventory, endpoint: Endpoint, socket: &str) -> Vec<Wanted> {
    let quoted =
        |text: &str| shlex::try_quote(text).map_or_else(|_| String::from("''"), std::borrow::Cow::into_owned);
    // The proxy that has the shared address may ask from there: with IPv6, it does.
    let shared = inventory.shared_address().filter(|_| !inventory.proxies().is_empty());
    let own = inventory.proxies().iter().map(|proxy| proxy.address.to_string());
    let proxies: Vec<_> = own.chain(shared.map(|shared| shared.address.to_string())).collect();
    let view = View {
        path: SCRIPT,
        user: USER,
        flag: DRAIN_FLAG,
        port: endpoint.health_port,
        socket: quoted(socket),
        proxies: quoted(&proxies.join(" ")),
        least_room: room::LEAST_DATA,
    };
    let context = Context::from_serialize(&view).expect("texts and a number");
    let file = |artefact, path, mode| {
        let text = TERA.render(path, &context).expect("every name of the templates is in the view");
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
