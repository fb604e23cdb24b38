//! The files of each program of monitoring.

use std::sync::LazyLock;

use serde::Serialize;

use super::dashboards::console;
use super::program::{ARGUMENTS, CONSOLE, LOGIN, Place, RULES, SETTINGS, Service, TARGETS, UNIT_FILE};
use super::rules::{Book, rules};
use super::{WEBHOOK, alertmanager, settings, targets};
use crate::galera::inventory::Inventory;
use crate::kernel::facts::{File, ProgramFacts};
use crate::kernel::model::NodeName;
use crate::kernel::plan::{Check, Follows, PutFile};
use crate::kernel::templates::Templates;

const TEXTS: [(&str, &str); 5] = [
    ("mysqld-exporter/service", include_str!("../../../templates/prometheus-mysqld-exporter.service")),
    ("mysqld-exporter/login", include_str!("../../../templates/galactl-exporter.cnf")),
    ("node-exporter/service", include_str!("../../../templates/prometheus-node-exporter.service")),
    ("prometheus/arguments", include_str!("../../../templates/prometheus.default")),
    ("alertmanager/arguments", include_str!("../../../templates/prometheus-alertmanager.default")),
];

static TEMPLATES: LazyLock<Templates> = LazyLock::new(|| Templates::of(&TEXTS));

/// What a template may use.
#[derive(Serialize)]
struct View {
    address: String,
    port: u16,
    /// The addresses that may ask, as systemd reads them; empty: one of them is a name, so nobody is refused.
    asked_from: String,
    socket: String,
}

/// The text of one of its files. `socket`: the server's, where it is on a data node.
pub fn text(inventory: &Inventory, place: &Place<'_>, socket: &str, artefact: &str) -> String {
    match (place.service, artefact) {
        (Service::Prometheus, RULES) => rules(inventory, &Book::default()),
        (Service::Prometheus, TARGETS) => targets(inventory),
        (Service::Prometheus, CONSOLE) => console(inventory),
        (Service::Prometheus, SETTINGS) => settings::text(inventory),
        (Service::Alertmanager, SETTINGS) => {
            let webhook = inventory.monitoring.as_ref().and_then(|it| it.webhook.as_ref());
            alertmanager(inventory, webhook.map(|_| WEBHOOK.placeholder()).as_deref())
        }
        _ => {
            let view = View {
                address: place.address.in_url(),
                port: place.service.port(),
                asked_from: asked_from(inventory, place).unwrap_or_default(),
                socket: socket.to_owned(),
            };
            TEMPLATES.render(&format!("{}/{artefact}", place.service.role()), &view)
        }
    }
}

/// All files of a program whose host is not asked: whose they are, paths and texts.
pub fn all<'a>(
    inventory: &'a Inventory,
    place: Place<'a>,
) -> impl Iterator<Item = (&'a NodeName, &'static str, String)> {
    let socket = inventory.host.unasked_socket();
    let texts = place.service.files().iter();
    texts.map(move |file| (place.member, file.path, text(inventory, &place, socket, file.artefact)))
}

/// The addresses that may ask, and the host itself. `None`: one of them is a name, which systemd does not look up.
fn asked_from(inventory: &Inventory, place: &Place<'_>) -> Option<String> {
    let all = inventory.asked_from().chain([place.address]);
    let all = all.map(|address| Some(address.ip()?.to_string()));
    Some(all.collect::<Option<Vec<_>>>()?.join(" "))
}

/// The files as they are to be, in place of what is there.
pub fn wanted(inventory: &Inventory, place: &Place<'_>, socket: &str, facts: &ProgramFacts) -> Vec<PutFile> {
    let put = |file: &File| {
        let there = facts.file(file.artefact);
        let text = text(inventory, place, socket, file.artefact);
        finished(
            place.service,
            PutFile {
                artefact: file.artefact.into(),
                ..PutFile::of_root(place.host, file.path, text, there)
            },
        )
    };
    place.service.files().iter().map(put).collect()
}

/// The files that are missing, or are not what the inventory says.
pub fn lacking(inventory: &Inventory, place: &Place<'_>, socket: &str, facts: &ProgramFacts) -> Vec<PutFile> {
    let wanted = wanted(inventory, place, socket, facts).into_iter();
    wanted.filter(|file| !file.is_there(facts.file(&file.artefact))).collect()
}

/// The file with the check before it is put in place, and with what follows it.
fn finished(service: Service, file: PutFile) -> PutFile {
    let (reload, restart) = (Follows::Reload(service.unit_name()), Follows::Restart(service.unit_name()));
    let promtool = |what| Check::new("promtool", &["promtool", "check", what, Check::CANDIDATE]);
    match (service, file.artefact.as_str()) {
        (_, UNIT_FILE | LOGIN) => PutFile { follows: restart, ..file },
        (_, ARGUMENTS) => PutFile { check: Check::shell(), follows: restart, ..file },
        (Service::Prometheus, RULES) => PutFile { check: promtool("rules"), follows: reload, ..file },
        (Service::Prometheus, SETTINGS) => PutFile { check: promtool("config"), follows: reload, ..file },
        // It holds the URL to which alerts are sent.
        (Service::Alertmanager, _) => PutFile {
            check: Check::new("amtool", &["amtool", "check-config", Check::CANDIDATE]),
            follows: reload,
            group: "prometheus".into(),
            mode: "640".into(),
            ..file
        },
        // Prometheus reads its targets and pages again by itself.
        (Service::Prometheus | Service::MysqldExporter | Service::NodeExporter, _) => file,
    }
}
