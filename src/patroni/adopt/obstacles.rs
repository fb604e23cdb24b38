//! Why a cluster cannot be described by an inventory, or must not be managed by one.

use std::collections::BTreeSet;

use serde_json::Value;

use super::{Member, port};
use crate::kernel::model::ClusterName;
use crate::patroni::config::{self, PATRONI_CONFIG};
use crate::patroni::facts::{HostFacts, Surroundings};
use crate::patroni::model::check_scope;
use crate::patroni::software;

/// The unit of Debian's package.
const UNIT: &str = "patroni";

/// Why the Patroni of this host must not be managed; empty: nothing stands against it. It is known that one is there.
pub fn of_host(told: &Surroundings) -> Vec<String> {
    let mut all = Vec::new();
    if let Some(path) = told.started_with.iter().find(|path| *path != PATRONI_CONFIG) {
        all.push(format!("its Patroni was started with {path}, and galactl knows {PATRONI_CONFIG} only"));
    }
    if told.runs && told.units != [UNIT] {
        let units: Vec<_> = told.units.iter().map(|unit| format!("{unit}.service")).collect();
        let place = if units.is_empty() {
            "outside of systemd".to_owned()
        } else {
            format!("in {}", units.join(", "))
        };
        all.push(format!("its Patroni runs {place}, and galactl knows {UNIT}.service only"));
    }
    if !told.variables.is_empty() {
        all.push(format!(
            "variables of its Patroni go before {PATRONI_CONFIG}, where galactl reads what it says: {}",
            told.variables.join(", ")
        ));
    }
    match &told.file {
        Some(file) => {
            all.extend(config::obstacles(file).into_iter().map(|why| format!("{PATRONI_CONFIG}: {why}")));
        }
        None if told.files.iter().any(|path| path == PATRONI_CONFIG) => {
            all.push(format!("{PATRONI_CONFIG} is no YAML with keys and values"));
        }
        None => {}
    }
    let scope =
        told.file.as_ref().map(|file| file.scope.parse::<ClusterName>().map(|name| check_scope(&name)));
    if let Some(Err(_) | Ok(Err(_))) = scope {
        all.push(format!(
            "{PATRONI_CONFIG}: `scope` is no name that an inventory takes: at most 32 letters, digits, `_` and `-`"
        ));
    }
    all
}

/// galactl's files would lead to another server than the member has.
fn another_server(member: &Member<'_>) -> Option<String> {
    let software = software::of(member.facts).ok()?;
    let live = member.facts.live().map(|live| (live.version.as_str(), &live.settings));
    let why = config::another_server(member.file, software.postgresql, live)?;
    Some(format!("{} has Debian {}: {why}", member.file.name, software.debian))
}

/// Its Patroni tells others another address than its file says: it was started with something else.
fn another_address(member: &Member<'_>) -> Option<String> {
    let name = &member.file.name;
    let (address, _) = member.file.server.as_ref()?;
    let cluster = member.facts.patroni.cluster.told()?;
    let told = cluster.members.iter().find(|it| it.name == *name)?.host.as_ref()?;
    (!told.eq_ignore_ascii_case(address)).then(|| {
        format!("{name} is at {told} for its Patroni, and {PATRONI_CONFIG} says {address} (sudo systemctl reload patroni)")
    })
}

/// The same of all members together, and of the dynamic configuration.
pub fn of_cluster(members: &[Member<'_>], configuration: &Value) -> Vec<String> {
    let mut all = Vec::new();
    if !configuration["standby_cluster"].is_null() {
        all.push("it is the standby cluster of another one (`standby_cluster`), whose primary an inventory cannot name".into());
    }
    if !configuration["citus"].is_null() {
        all.push("its dynamic configuration has `citus`".into());
    }
    let ports: BTreeSet<_> = members.iter().map(port).collect();
    if ports.len() > 1 {
        let ports: Vec<_> = ports.iter().map(ToString::to_string).collect();
        all.push(format!(
            "its servers have several ports ({}), and an inventory has one for all",
            ports.join(", ")
        ));
    }
    all.extend(
        config::no_usual_socket(&config::texts(configuration))
            .map(|why| format!("its dynamic configuration: {why}")),
    );
    all.extend(members.iter().filter_map(another_server));
    all.extend(members.iter().filter_map(another_address));
    let unpackaged = |member: &&Member<'_>| HostFacts::installed(member.facts, "patroni").is_none();
    let unpackaged: Vec<_> = members.iter().filter(unpackaged).map(|it| it.file.name.as_str()).collect();
    if !unpackaged.is_empty() {
        all.push(format!("on {}, Patroni does not come from a Debian package", unpackaged.join(", ")));
    }
    all
}
