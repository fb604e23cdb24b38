//! What Patroni does on a host that galactl has no word for: what galactl must not manage, and what is lost where its own
//! file takes the place of another one.

use std::collections::BTreeMap;

use super::data_dir;
use super::found::{FoundFile, Password, is_on};
use crate::kernel::inventory::Settings;
use crate::patroni::model::{Account, Major, REST_PORT};

/// Patroni's own default, and the only one of galactl's.
const NAMESPACE: &str = "service";
/// What may stand in the section of etcd.
const ETCD_KEYS: [&str; 3] = ["host", "hosts", "protocol"];
/// With these, whoever gives orders to the REST API needs a certificate or a password.
const GUARDED: [&str; 5] = ["authentication", "certfile", "cafile", "verify_client", "keyfile"];
/// Other spellings of what galactl's file says, or what is told apart: rules of pg_hba come from the server itself, and
/// accounts are compared.
const TOLD_APART: [&str; 3] = ["postgresql.pg_hba", "etcd.", "etcd3."];
const LOGINS: &str = "postgresql.authentication.";
/// Where galactl asks the server.
const SOCKETS: [&str; 2] = ["/var/run/postgresql", "/run/postgresql"];

/// Why galactl must not manage a Patroni with this file: it would look for it in the wrong place, or could give it no
/// orders. Each is a sentence about the file.
pub fn obstacles(file: &FoundFile) -> Vec<String> {
    let mut all = Vec::new();
    for store in file.stores.iter().filter(|store| !store.starts_with("etcd")) {
        all.push(format!("`{store}` is where its Patroni keeps who leads, and galactl knows etcd only"));
    }
    if file.stores.is_empty() {
        all.push("it does not say where its Patroni keeps who leads (`etcd` or `etcd3`)".into());
    }
    if file.endpoints.is_empty() && file.stores.iter().any(|store| store.starts_with("etcd")) {
        all.push(
            "its section `etcd` names no hosts, and galactl asks none that are looked up otherwise".into(),
        );
    }
    if file.namespace != NAMESPACE {
        all.push(format!(
            "`namespace` is `{}`, and galactl looks for keys below `{NAMESPACE}` only",
            file.namespace
        ));
    }
    let unknown = |path: &&String| {
        let key = path.strip_prefix("etcd3.").or_else(|| path.strip_prefix("etcd."));
        key.is_some_and(|key| !ETCD_KEYS.contains(&key))
    };
    if let Some(path) = file.paths.iter().find(unknown) {
        all.push(format!("`{path}` is set, and galactl asks etcd without TLS and without a password"));
    }
    if file.store_by_tls {
        all.push("etcd's `protocol` is not `http`, and galactl asks etcd without TLS".into());
    }
    all.extend(elsewhere(file));
    let guarded = |path: &&String| {
        let key = path.strip_prefix("restapi.").and_then(|rest| rest.split('.').next());
        key.is_some_and(|key| GUARDED.contains(&key))
    };
    if let Some(path) = file.paths.iter().find(guarded) {
        all.push(format!(
            "`{path}` is set, and galactl gives orders to the REST API without TLS and without a password"
        ));
    }
    if let Some((_, port)) = file.rest.as_ref().filter(|(_, port)| *port != REST_PORT) {
        all.push(format!("its REST API is at port {port}, and galactl asks at {REST_PORT} only"));
    }
    if !Major::ALL.map(data_dir).contains(&file.data_dir) {
        let usual = Major::ALL.map(|major| format!("`{}`", data_dir(major)));
        all.push(format!(
            "`postgresql.data_dir` is `{}`, and galactl knows {} only",
            file.data_dir,
            usual.join(" and ")
        ));
    }
    if file.paths.iter().any(|path| path.starts_with("citus.")) {
        all.push("`citus` is set: galactl does not know how the groups of Citus belong together".into());
    }
    all
}

/// What galactl would ask at a place where nobody answers.
fn elsewhere(file: &FoundFile) -> Vec<String> {
    let mut all = Vec::new();
    if let (Some((rest, _)), Some((server, _))) = (&file.rest, &file.server) {
        let reached = file.rest_listens.iter().any(|it| it == server || is_everywhere(it));
        if rest != server && !reached {
            all.push(format!(
                "its REST API is at {rest} and its server at {server}, and galactl asks both at one address"
            ));
        }
    }
    all.extend(no_usual_socket(&file.parameters));
    all
}

/// Why galactl would not find the server's socket with these settings.
pub fn no_usual_socket(settings: &Settings) -> Option<String> {
    let places = settings.get("unix_socket_directories")?;
    let usual = places.split(',').any(|it| SOCKETS.contains(&it.trim().trim_end_matches('/')));
    (!usual).then(|| {
        format!(
            "`unix_socket_directories` is `{places}`, and galactl asks the server over its socket in {}",
            SOCKETS[0]
        )
    })
}

/// A word with which a program listens at all addresses.
pub fn is_everywhere(address: &str) -> bool {
    ["*", "0.0.0.0", "::"].contains(&address)
}

/// Why galactl's file, which says where this major version has its data and its programs, would lead to another server
/// than the one that runs. `live`: the version and the settings of the server, where it tells.
pub fn another_server(
    file: &FoundFile,
    major: Major,
    live: Option<(&str, &BTreeMap<String, String>)>,
) -> Option<String> {
    let wanted = data_dir(major);
    if file.data_dir != wanted {
        return Some(format!(
            "its data are in {}, and with galactl's file they would be in {wanted}",
            file.data_dir
        ));
    }
    let (version, settings) = live?;
    let number = version.split(|c: char| !c.is_ascii_digit()).next().unwrap_or_default();
    if number != major.to_string() {
        return Some(format!(
            "its server is PostgreSQL {number}, and galactl's file is of PostgreSQL {major}"
        ));
    }
    let there = settings.get("data_directory").map(|it| it.trim_end_matches('/'));
    there
        .filter(|there| *there != wanted)
        .map(|there| format!("its server runs in {there}, and with galactl's file it would be {wanted}"))
}

/// Why galactl's file must not take the place of this one, of which it is known that nothing stands against managing
/// it: the server would be another one, or members could not log in any more.
/// `config_file`: the one that the server works with, where it tells.
pub fn in_the_way(file: &FoundFile, config_file: Option<&str>) -> Vec<String> {
    let mut all = Vec::new();
    all.extend(other_settings(file, config_file));
    for account in Account::ALL {
        let (key, user) = (account.key(), account.user());
        match file.accounts.get(key) {
            None => {
                all.push(format!("it has no account `{key}`; with galactl's file that would be `{user}`"));
            }
            Some(login) if login.user != user => all.push(format!(
                "its account `{key}` is `{}`, and with galactl's file it would be `{user}`",
                login.user
            )),
            Some(login) => match login.password {
                Password::Known => {}
                Password::None => all.push(format!("it has no password of the account `{key}`")),
                Password::Other => {
                    all.push(format!("it has another password of the account `{key}` than the inventory"));
                }
            },
        }
    }
    all
}

/// Patroni takes `config_dir` only when it starts, so the server may work with another file than the one that is named.
fn other_settings(file: &FoundFile, config_file: Option<&str>) -> Option<String> {
    let named = Some(file.config_dir.as_str()).filter(|dir| !dir.is_empty() && *dir != file.data_dir);
    let at_work = config_file.and_then(|path| path.rsplit_once('/')).map(|(dir, _)| dir);
    let there = named.or(at_work.filter(|dir| *dir != file.data_dir))?;
    Some(format!(
        "its server has its settings in {there}, and with galactl's file they would be in {}",
        file.data_dir
    ))
}

/// What the file says and `wanted` does not, by path. Settings of the server that stand in the dynamic configuration of
/// `wanted` are not missed.
pub fn missed(there: &FoundFile, wanted: &FoundFile, shared: impl Fn(&str) -> bool) -> Vec<String> {
    let is_told = |path: &str| {
        let setting = path.strip_prefix("postgresql.parameters.");
        let login = path.strip_prefix(LOGINS).and_then(|path| path.split_once('.'));
        TOLD_APART.iter().any(|known| path.starts_with(known))
            || login.is_some_and(|(_, key)| ["username", "password"].contains(&key))
            || alike(there, wanted, path) == Some(true)
            || alike(there, wanted, path).is_none() && wanted.paths.iter().any(|it| it == path)
            || setting.is_some_and(&shared)
    };
    there.paths.iter().filter(|path| !is_told(path)).cloned().collect()
}

/// Whether a switch that galactl's file always sets is the same in both; `None`: the path is no such switch.
fn alike(there: &FoundFile, wanted: &FoundFile, path: &str) -> Option<bool> {
    match path {
        "watchdog.mode" => Some(is_on(&there.watchdog) == is_on(&wanted.watchdog)),
        "tags.nofailover" | "tags.nosync" => {
            let tag = path.trim_start_matches("tags.");
            Some(there.has_tag(tag) == wanted.has_tag(tag))
        }
        _ => None,
    }
}
