//! What a file of Patroni says of its server.

use std::collections::BTreeMap;

use serde_yaml::Value;

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

/// The server's port in a file; `None`: it says none, or cannot be read.
pub fn port_in(text: &str) -> Option<u16> {
    let config = serde_yaml::from_str::<Value>(text).ok()?;
    let address = config.get("postgresql")?.get("connect_address")?;
    address.as_str()?.rsplit(':').next()?.parse().ok()
}
