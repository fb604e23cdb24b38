//! What a file of Patroni says of its server.

use std::collections::BTreeMap;

use serde_yaml::Value;

use super::patroni::SOCKETS;
use crate::patroni::inventory::settings::is_shared;

/// `postgresql.parameters` of a file, as texts; empty where it has none, or cannot be read.
pub fn settings_in(text: &str) -> BTreeMap<String, String> {
    let Ok(config) = serde_yaml::from_str::<Value>(text) else { return BTreeMap::new() };
    let parameters = config.get("postgresql").and_then(|it| it.get("parameters"));
    let Some(parameters) = parameters.and_then(Value::as_mapping) else { return BTreeMap::new() };
    let text = |value: &Value| match value {
        Value::String(text) => text.clone(),
        other => serde_yaml::to_string(other).unwrap_or_default().trim().to_owned(),
    };
    parameters.iter().filter_map(|(name, value)| Some((name.as_str()?.to_owned(), text(value)))).collect()
}

/// `postgresql.parameters` of the dynamic configuration, as texts.
pub fn texts(dynamic: &serde_json::Value) -> BTreeMap<String, String> {
    let parameters = dynamic["postgresql"]["parameters"].as_object().into_iter().flatten();
    let text = |value: &serde_json::Value| match value {
        serde_json::Value::String(text) => text.clone(),
        serde_json::Value::Bool(on) => if *on { "on" } else { "off" }.to_owned(),
        other => other.to_string(),
    };
    let there = parameters.filter(|(_, value)| !value.is_null());
    there.map(|(name, value)| (name.to_ascii_lowercase(), text(value))).collect()
}

/// Patroni sets these itself, whatever a file says.
const PATRONIS: [&str; 3] = ["cluster_name", "hot_standby", "port"];

/// What a server is told by the dynamic configuration and by its own file, which goes before it; with the addresses at
/// which it listens, and the place of its socket.
pub fn in_effect(dynamic: &serde_json::Value, text: &str) -> BTreeMap<String, String> {
    let mut all = texts(dynamic);
    // Patroni leaves these out of a node's own file.
    let of_all = |name: &str| is_shared(name) || name == "wal_log_hints";
    all.extend(settings_in(text).into_iter().filter(|(name, _)| !of_all(name)));
    all.retain(|name, _| !PATRONIS.contains(&name.as_str()));
    all.entry("unix_socket_directories".into()).or_insert_with(|| SOCKETS.into());
    let config = serde_yaml::from_str::<Value>(text).unwrap_or_default();
    let listen = config["postgresql"]["listen"].as_str().and_then(|listen| listen.rsplit_once(':'));
    if let Some((addresses, _)) = listen {
        let addresses: Vec<_> = addresses.split(',').map(str::trim).collect();
        all.insert("listen_addresses".into(), addresses.join(","));
    }
    all
}

/// The server's port in a file; `None`: it says none, or cannot be read.
pub fn port_in(text: &str) -> Option<u16> {
    let config = serde_yaml::from_str::<Value>(text).ok()?;
    let address = config.get("postgresql")?.get("connect_address")?;
    address.as_str()?.rsplit(':').next()?.parse().ok()
}
