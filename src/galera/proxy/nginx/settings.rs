//! The files of nginx and of its follower.

use std::sync::LazyLock;

use serde::Serialize;

use super::{FOLLOWER, LISTS, STATE};
use crate::galera::endpoint::{Endpoint, Writes};
use crate::galera::inventory::{Inventory, Node};
use crate::galera::model::Service;
use crate::galera::proxy::{Kind, Proxy};
use crate::kernel::plan::{Check, Follows, PutFile};
use crate::kernel::templates::{Templates, shell_word};

/// Debian's nginx.conf includes the files of this folder outside of `http`, in order of their names.
pub const FILE: &str = "/etc/nginx/modules-enabled/90-galactl.conf";
pub const SCRIPT: &str = "/usr/local/lib/galactl-nginx";
pub const SERVICE: &str = "/etc/systemd/system/galactl-nginx.service";

const TEXTS: [(&str, &str); 3] = [
    (SCRIPT, include_str!("../../../../templates/galactl-nginx")),
    (SERVICE, include_str!("../../../../templates/galactl-nginx.service")),
    (FILE, include_str!("../../../../templates/nginx.conf")),
];

/// Checks the whole configuration of nginx with the new file in it, beside the one that runs.
const CHECK: &str = r#"
tried=$(mktemp -d) || exit
trap 'rm -rf -- "$tried"' EXIT
cp -a /etc/nginx/. "$tried" && cp -- "$1" "$tried/modules-enabled/90-galactl.conf" &&
    sed -i "s|/etc/nginx/modules-enabled/|$tried/modules-enabled/|" "$tried/nginx.conf" || exit
nginx -t -q -c "$tried/nginx.conf" || exit
if ! nginx -T -q -c "$tried/nginx.conf" 2>/dev/null | grep -q galactl_write; then
    echo "nginx.conf does not read /etc/nginx/modules-enabled: it needs, outside of http, the line" >&2
    echo "include /etc/nginx/modules-enabled/*.conf;" >&2
    exit 1
fi
"#;

static TEMPLATES: LazyLock<Templates> = LazyLock::new(|| Templates::of(&TEXTS));

/// What a template may use. Words of the script are quoted for a shell.
#[derive(Serialize)]
struct View {
    script: &'static str,
    lists: &'static str,
    state: &'static str,
    follower: &'static str,
    writes: Writes,
    write_port: u16,
    read_port: u16,
    health_port: u16,
    bind: &'static str,
    bind_options: &'static str,
    nodes: Vec<Place>,
}

/// A data node.
#[derive(Serialize)]
struct Place {
    name: String,
    address: String,
    /// The node's server, as it is written in the settings of nginx.
    server: String,
}

/// The texts of the script, of its unit, and of nginx's file. Nodes stand in start order: the first one that serves
/// takes the writes first.
pub fn texts(inventory: &Inventory, endpoint: Endpoint, proxy: &Proxy) -> Vec<String> {
    let place = |node: &Node| Place {
        name: shell_word(node.name.as_str()),
        address: shell_word(&node.address.to_string()),
        server: shell_word(&format!("{}:{}", node.address.in_url(), node.port(Service::Clients))),
    };
    let ipv6 = inventory.has_clients_on_ipv6(proxy);
    let view = View {
        script: SCRIPT,
        lists: LISTS,
        state: STATE,
        follower: FOLLOWER,
        writes: endpoint.writes,
        write_port: endpoint.write_port,
        read_port: endpoint.read_port,
        health_port: endpoint.health_port,
        bind: if ipv6 { "[::]:" } else { "" },
        bind_options: if ipv6 { " ipv6only=off" } else { "" },
        nodes: inventory.start_order().map(place).collect(),
    };
    let render = |(path, _): (&str, &str)| TEMPLATES.render(path, &view);
    TEXTS.map(render).to_vec()
}

/// A file with its mode, its check, and what follows it.
pub fn finished(file: PutFile) -> PutFile {
    let follower = || FOLLOWER.parse().expect("a unit's name");
    match file.path.as_str() {
        SCRIPT => PutFile {
            mode: "755".into(),
            check: Check::shell(),
            follows: Follows::Restart(follower()),
            ..file
        },
        SERVICE => PutFile { follows: Follows::Restart(follower()), ..file },
        _ => PutFile {
            check: Check::new("nginx", &["sh", "-c", CHECK, "galactl", Check::CANDIDATE]),
            follows: Follows::Reload(Kind::Nginx.unit()),
            ..file
        },
    }
}
