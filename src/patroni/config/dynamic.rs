//! Patroni's dynamic configuration, which etcd keeps and all nodes share.

use std::collections::BTreeMap;

use serde::Serialize;
use serde_json::Value;

use super::foreign::shown;
use crate::kernel::inventory::Settings;
use crate::kernel::inventory::places::join;
use crate::patroni::inventory::settings::is_shared;
use crate::patroni::inventory::{Inventory, SyncMode};

/// Bytes of WAL that a replica may lack and still be promoted, where no commit waits for a standby: Patroni's default.
const MOST_LAG: u32 = 1 << 20;

/// What Patroni and its users keep there beside it: that it is paused, slots whose readers would lose what they have
/// not read, and whose standby this cluster is.
const LEFT_ALONE: [&str; 4] = ["pause", "slots", "ignore_slots", "standby_cluster"];

/// What `GET /config` of Patroni's REST API answers, as far as galactl decides it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct DynamicConfig {
    ttl: u16,
    loop_wait: u16,
    retry_timeout: u16,
    maximum_lag_on_failover: u32,
    synchronous_mode: SynchronousMode,
    synchronous_mode_strict: bool,
    synchronous_node_count: u16,
    postgresql: Postgresql,
}

/// Patroni takes a truth value, or since version 4 the word `quorum`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(untagged)]
enum SynchronousMode {
    Switch(bool),
    Word(&'static str),
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
struct Postgresql {
    use_pg_rewind: bool,
    use_slots: bool,
    parameters: Settings,
}

/// A value that differs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Difference {
    /// `postgresql.parameters.max_connections`
    pub path: String,
    /// What the inventory asks for, as text, without a secret; `None`: it says nothing of it.
    pub wanted: Option<String>,
    /// What is there, as text, without a secret; `None`: nothing.
    pub found: Option<String>,
}

impl DynamicConfig {
    pub fn of(inventory: &Inventory) -> Self {
        let (timing, synchronous) = (inventory.failover, inventory.synchronous);
        let mut parameters = inventory.postgresql.shared.clone();
        // pg_rewind needs it on a server without checksums, which an adopted one may be.
        parameters.insert("wal_log_hints".into(), "on".into());
        Self {
            ttl: timing.ttl(),
            loop_wait: timing.loop_wait(),
            retry_timeout: timing.retry_timeout(),
            maximum_lag_on_failover: MOST_LAG,
            synchronous_mode: match synchronous.mode {
                SyncMode::On | SyncMode::Strict => SynchronousMode::Switch(true),
                SyncMode::Quorum => SynchronousMode::Word("quorum"),
                SyncMode::Off => SynchronousMode::Switch(false),
            },
            synchronous_mode_strict: synchronous.mode == SyncMode::Strict,
            synchronous_node_count: synchronous.nodes,
            postgresql: Postgresql { use_pg_rewind: true, use_slots: true, parameters },
        }
    }

    /// The same as JSON, as `PATCH /config` takes it.
    pub fn to_json(&self) -> Value {
        serde_json::to_value(self).unwrap_or_default()
    }

    /// What decides whether a commit waits for a standby, by key, as `PATCH /config` takes it.
    pub fn synchronous(&self) -> BTreeMap<String, Value> {
        let all = self.to_json();
        let keys = ["synchronous_mode", "synchronous_mode_strict", "synchronous_node_count"];
        keys.into_iter().map(|key| (key.to_owned(), all[key].clone())).collect()
    }

    /// Where what `GET /config` answered is something else, by path. Spellings of one value are equal: `200` and
    /// `"200"`, `true` and `on`. What the inventory has no word for is left out.
    pub fn differences(&self, found: &Value) -> Vec<Difference> {
        let (mut wanted, mut there) = (BTreeMap::new(), BTreeMap::new());
        leaves(&self.to_json(), "", &mut wanted);
        leaves(&decided(found), "", &mut there);
        let paths: std::collections::BTreeSet<_> = wanted.keys().chain(there.keys()).collect();
        let difference = |path: &String| {
            let (wanted, found) = (wanted.get(path).cloned(), there.get(path).cloned());
            let text = |value: Option<String>| value.map(|value| shown(path, &value));
            (wanted != found).then(|| Difference {
                path: path.clone(),
                wanted: text(wanted),
                found: text(found),
            })
        };
        paths.into_iter().filter_map(difference).collect()
    }

    /// What `PATCH /config` has to be given where that answer was `found`: values as they are to be, and `null` for what
    /// is to go. `None`: nothing.
    pub fn change(&self, found: &Value) -> Option<Value> {
        change(&self.to_json(), &decided(found))
    }

    /// Patroni takes this setting from the dynamic configuration alone.
    pub fn has_parameter(&self, name: &str) -> bool {
        is_shared(name) || self.postgresql.parameters.contains_key(name)
    }

    /// A setting that all servers share, as the inventory asks for it.
    pub fn parameter(&self, name: &str) -> Option<&str> {
        self.postgresql.parameters.get(name).map(String::as_str)
    }
}

/// Without what others keep there.
fn decided(found: &Value) -> Value {
    let mut found = found.clone();
    if let Some(map) = found.as_object_mut() {
        map.retain(|key, _| !LEFT_ALONE.contains(&key.as_str()));
    }
    found
}

/// What has to be said so that `found` becomes `wanted`; `None`: nothing.
fn change(wanted: &Value, found: &Value) -> Option<Value> {
    if let (Value::Object(wanted), Value::Object(found)) = (wanted, found) {
        let keys: std::collections::BTreeSet<_> = wanted.keys().chain(found.keys()).collect();
        let value =
            |map: &serde_json::Map<String, Value>, key: &str| map.get(key).cloned().unwrap_or_default();
        let changed = |key: &String| Some((key.clone(), change(&value(wanted, key), &value(found, key))?));
        let changed: serde_json::Map<_, _> = keys.into_iter().filter_map(changed).collect();
        return (!changed.is_empty()).then_some(Value::Object(changed));
    }
    let told = |value| {
        let mut all = BTreeMap::new();
        leaves(value, "", &mut all);
        all
    };
    (told(wanted) != told(found)).then(|| wanted.clone())
}

/// Every value with its path. What is null is not there: that is how Patroni's API removes a value.
fn leaves(value: &Value, path: &str, all: &mut BTreeMap<String, String>) {
    let text = match value {
        Value::Object(map) => {
            for (key, value) in map {
                leaves(value, &join(path, key), all);
            }
            return;
        }
        Value::Null => return,
        Value::Bool(true) => "on".to_owned(),
        Value::Bool(false) => "off".to_owned(),
        Value::String(text) => spelt(text),
        other => other.to_string(),
    };
    all.insert(path.to_owned(), text);
}

/// A switch has several spellings.
fn spelt(text: &str) -> String {
    match text.to_ascii_lowercase().as_str() {
        "true" | "on" | "yes" => "on".to_owned(),
        "false" | "off" | "no" => "off".to_owned(),
        _ => text.to_owned(),
    }
}

/// Two spellings of one value of a setting.
pub fn same(one: &str, other: &str) -> bool {
    spelt(one).eq_ignore_ascii_case(&spelt(other))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_change_names_what_differs_and_nothing_else() {
        let wanted = json!({"a": 1, "on": true, "p": {"x": "200", "y": "5"}});
        let found = json!({"a": 1, "on": "on", "p": {"x": 200, "y": "6", "z": {"w": 1}}, "gone": {"v": 2}});
        let expected = json!({"p": {"y": "5", "z": null}, "gone": null});
        assert_eq!(change(&wanted, &found), Some(expected));
        assert_eq!(change(&wanted, &wanted), None);
        assert_eq!(change(&json!({"p": {"x": 1}}), &json!({})), Some(json!({"p": {"x": 1}})));
        assert_eq!(decided(&json!({"pause": true, "slots": {"s": {}}, "ttl": 20})), json!({"ttl": 20}));
    }
}
