//! A file of Patroni, whoever wrote it, as far as galactl has a word for what it says.

use std::collections::BTreeMap;

use serde_yaml::Value;

use super::foreign::FOREIGN_SECRET;
use super::settings_of::settings_in;
use crate::patroni::model::Account;

/// What a file says. It holds no password.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct FoundFile {
    pub scope: String,
    /// Without slashes around it; Patroni's default is `service`.
    pub namespace: String,
    pub name: String,
    /// Where others reach the server: address and port.
    pub server: Option<(String, u16)>,
    /// Where others reach the REST API.
    pub rest: Option<(String, u16)>,
    /// The addresses at which the REST API listens.
    pub rest_listens: Vec<String>,
    pub data_dir: String,
    /// The directory of postgresql.conf; empty: the data directory.
    pub config_dir: String,
    pub bin_dir: String,
    /// The sections that say where Patroni keeps who leads: `etcd`, `etcd3`, `consul` …
    pub stores: Vec<String>,
    /// `ADDRESS:PORT` of etcd.
    pub endpoints: Vec<String>,
    /// etcd is asked over TLS.
    pub store_by_tls: bool,
    pub accounts: BTreeMap<&'static str, Login>,
    /// `postgresql.parameters`.
    pub parameters: BTreeMap<String, String>,
    pub tags: BTreeMap<String, String>,
    /// `watchdog.mode`; empty: it says none.
    pub watchdog: String,
    /// Every path with a value that is not empty or `false`, but those below `bootstrap`, which Patroni reads once.
    pub paths: Vec<String>,
}

/// How Patroni logs in as one of its accounts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Login {
    pub user: String,
    pub password: Password,
}

/// What is known of a password without knowing it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Password {
    None,
    /// That of the inventory, or of the first node's file.
    Known,
    Other,
}

/// Sections in which Patroni is told where to keep who leads.
const STORES: [&str; 7] = ["consul", "etcd", "etcd3", "exhibitor", "kubernetes", "raft", "zookeeper"];
const ETCD_PORT: u16 = crate::patroni::model::ETCD_CLIENT_PORT;

impl FoundFile {
    /// Reads a file; `None`: it is no YAML with keys and values.
    pub fn read(text: &str) -> Option<Self> {
        let config: Value = serde_yaml::from_str(text).ok().filter(Value::is_mapping)?;
        let server = &config["postgresql"];
        let word = |value: &Value| text_of(value).unwrap_or_default();
        let stores = STORES.into_iter().filter(|name| !config[*name].is_null());
        let namespace = text_of(&config["namespace"]).unwrap_or_else(|| "service".into());
        let logins = Account::ALL.into_iter().filter_map(|account| {
            let login = &server["authentication"][account.key()];
            login.is_mapping().then(|| (account.key(), login_of(account, login)))
        });
        let mut paths = Vec::new();
        leaves(&config, "", &mut paths);
        paths.retain(|path| !path.starts_with("bootstrap."));
        Some(Self {
            scope: word(&config["scope"]),
            namespace: namespace.trim_matches('/').to_owned(),
            name: word(&config["name"]),
            server: place(&word(&server["connect_address"])),
            rest: place(&word(&config["restapi"]["connect_address"])),
            rest_listens: addresses(&word(&config["restapi"]["listen"])),
            data_dir: without_slash(&word(&server["data_dir"])),
            config_dir: without_slash(&word(&server["config_dir"])),
            bin_dir: without_slash(&word(&server["bin_dir"])),
            stores: stores.clone().map(str::to_owned).collect(),
            endpoints: stores
                .filter(|name| name.starts_with("etcd"))
                .flat_map(|name| endpoints(&config[name]))
                .collect(),
            store_by_tls: ["etcd", "etcd3"].iter().any(|name| {
                text_of(&config[*name]["protocol"]).is_some_and(|it| !it.eq_ignore_ascii_case("http"))
            }),
            accounts: logins.collect(),
            parameters: settings_in(text),
            tags: mapping(&config["tags"]),
            watchdog: word(&config["watchdog"]["mode"]),
            paths,
        })
    }
}

impl FoundFile {
    /// The tag is set, as Patroni understands it.
    pub fn has_tag(&self, tag: &str) -> bool {
        self.tags.get(tag).is_some_and(|value| is_on(value))
    }
}

/// PyYAML reads `yes` and `on` as true and `no` and `off` as false; Patroni takes any other text that is not empty as true.
pub fn is_on(text: &str) -> bool {
    !["", "0", "false", "no", "off"].iter().any(|off| text.eq_ignore_ascii_case(off))
}

pub fn text_of(value: &Value) -> Option<String> {
    match value {
        Value::String(text) => Some(text.clone()),
        Value::Number(number) => Some(number.to_string()),
        Value::Bool(on) => Some(on.to_string()),
        _ => None,
    }
}

fn mapping(value: &Value) -> BTreeMap<String, String> {
    let entries = value.as_mapping().into_iter().flatten();
    entries.filter_map(|(key, value)| Some((key.as_str()?.to_owned(), text_of(value)?))).collect()
}

fn without_slash(path: &str) -> String {
    path.trim_end_matches('/').to_owned()
}

/// `ADDRESS:PORT`, where an IPv6 address stands in brackets. Of several addresses with commas between, the first.
fn place(text: &str) -> Option<(String, u16)> {
    let (addresses, port) = text.rsplit_once(':')?;
    let address = addresses.split(',').next()?.trim().trim_start_matches('[').trim_end_matches(']');
    Some((address.to_owned(), port.parse().ok()?)).filter(|(address, _)| !address.is_empty())
}

/// The addresses of a `listen`, without the port.
fn addresses(text: &str) -> Vec<String> {
    let addresses = text.rsplit_once(':').map_or("", |(addresses, _)| addresses).split(',');
    let bare = addresses.map(|it| it.trim().trim_start_matches('[').trim_end_matches(']').to_owned());
    bare.filter(|it| !it.is_empty()).collect()
}

/// `hosts` is a list, or a text with commas; `host` is one. Without a port, it is etcd's usual one.
fn endpoints(section: &Value) -> Vec<String> {
    let listed = match &section["hosts"] {
        Value::Sequence(hosts) => hosts.iter().filter_map(text_of).collect::<Vec<_>>(),
        other => text_of(other).into_iter().collect(),
    };
    let all = listed.into_iter().chain(text_of(&section["host"]));
    let all = all.flat_map(|text| text.split(',').map(|it| it.trim().to_owned()).collect::<Vec<_>>());
    let whole = |host: String| match place(&host) {
        Some(_) => host,
        None => format!("{host}:{ETCD_PORT}"),
    };
    all.filter(|host| !host.is_empty()).map(whole).collect()
}

fn login_of(account: Account, login: &Value) -> Login {
    let password = match text_of(&login["password"]) {
        None => Password::None,
        Some(text) if text == account.password().placeholder() => Password::Known,
        Some(text) if text.is_empty() => Password::None,
        // Of a file as it is on its host, nobody has compared the password yet.
        Some(text) if text != FOREIGN_SECRET && !text.starts_with("${secret:") => Password::Known,
        Some(_) => Password::Other,
    };
    Login { user: text_of(&login["username"]).unwrap_or_default(), password }
}

fn leaves(value: &Value, path: &str, all: &mut Vec<String>) {
    match value {
        Value::Mapping(map) => {
            for (key, value) in map {
                let key = text_of(key).unwrap_or_default();
                let path = if path.is_empty() { key } else { format!("{path}.{key}") };
                leaves(value, &path, all);
            }
        }
        Value::Null | Value::Bool(false) => {}
        Value::Sequence(items) if items.is_empty() => {}
        Value::String(text) if text.is_empty() => {}
        _ => all.push(path.to_owned()),
    }
}
