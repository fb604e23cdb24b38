//! What Patroni does on a host that galactl has no word for: what galactl must not manage, and what is lost where its own
//! file takes the place of another one.

use super::data_dir;
use super::found::{FoundFile, Password};
use crate::patroni::model::{Account, Major, REST_PORT};

/// Patroni's own default, and the only one of galactl's.
const NAMESPACE: &str = "service";
/// What may stand in the section of etcd.
const ETCD_KEYS: [&str; 3] = ["host", "hosts", "protocol"];
/// With these, whoever gives orders to the REST API needs a certificate or a password.
const GUARDED: [&str; 5] = ["authentication", "certfile", "cafile", "verify_client", "keyfile"];
/// Other spellings of what galactl's file says, or what is told apart: rules of pg_hba come from the server itself, and
/// accounts are compared.
const TOLD_APART: [&str; 4] = ["postgresql.pg_hba", "postgresql.authentication.", "etcd.", "etcd3."];

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

/// Why galactl's file must not take the place of this one, of which it is known that nothing stands against managing
/// it: the server would be another one, or members could not log in any more.
pub fn in_the_way(file: &FoundFile) -> Vec<String> {
    let mut all = Vec::new();
    if !file.config_dir.is_empty() && file.config_dir != file.data_dir {
        all.push(format!(
            "its server has its settings in {}, and with galactl's file they would be in {}",
            file.config_dir, file.data_dir
        ));
    }
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

/// What the file says and `wanted` does not, by path. Settings of the server that stand in the dynamic configuration of
/// `wanted` are not missed.
pub fn missed(there: &FoundFile, wanted: &FoundFile, shared: impl Fn(&str) -> bool) -> Vec<String> {
    let is_told = |path: &str| {
        let setting = path.strip_prefix("postgresql.parameters.");
        TOLD_APART.iter().any(|known| path.starts_with(known))
            || wanted.paths.iter().any(|it| it == path)
            || setting.is_some_and(&shared)
    };
    // What is set to `false` in galactl's file stands there, too.
    let known = ["watchdog.mode", "tags.nofailover", "tags.nosync"];
    let missed = there.paths.iter().filter(|path| !is_told(path) && !known.contains(&path.as_str()));
    missed.cloned().collect()
}
