//! The kind nginx: it passes connections on and cannot ask whether a node serves, so a unit beside it does that, and
//! tells nginx by a file and a reload.

pub mod opinion;
pub mod settings;

use super::program::Program;
use crate::kernel::facts::File;

/// The unit that asks the nodes.
pub const FOLLOWER: &str = "galactl-nginx";
/// The folder with the lists of nodes that serve: the follower writes it, and nginx reads it. It does not outlast a
/// boot.
pub const LISTS: &str = "/run/galactl-nginx";
/// The folder in which the follower keeps which node takes the writes.
pub const STATE: &str = "/var/lib/galactl-nginx";

pub const PROGRAM: Program = Program {
    packages: &["nginx", "libnginx-mod-stream"],
    files: &[
        File { artefact: "script", path: settings::SCRIPT, unit: "galactl-nginx.service" },
        File { artefact: "service", path: settings::SERVICE, unit: "galactl-nginx.service" },
        File { artefact: "config", path: settings::FILE, unit: "nginx.service" },
    ],
    asked_by: FOLLOWER,
    heeds_health: true,
    opinion: include_str!("opinion.sh"),
    // nginx itself goes on: it may serve something else on this host.
    end: "sudo systemctl disable --now galactl-nginx; sudo rm /etc/nginx/modules-enabled/90-galactl.conf; sudo systemctl reload nginx",
    run: r"
systemctl daemon-reload || exit
systemctl reset-failed nginx.service galactl-nginx.service 2>/dev/null
systemctl reload-or-restart nginx.service || exit
systemctl --quiet enable galactl-nginx.service || exit
systemctl restart galactl-nginx.service
",
    run_with: &[""],
};
