//! Patroni's dynamic configuration, which etcd keeps and all nodes share.

use std::collections::BTreeMap;

use serde::Serialize;
use serde_json::Value;

use crate::kernel::inventory::Settings;
use crate::kernel::inventory::places::join;
use crate::patroni::inventory::{Inventory, SyncMode};

/// Bytes of WAL that a replica may lack and still be promoted, where no commit waits for a standby: Patroni's default.
const MOST_LAG: u32 = 1 << 20;

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
    /// What the inventory asks for, as text; `None`: it says nothing of it.
    pub wanted: Option<String>,
    /// What is there, as text; `None`: nothing.
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
    /// `"200"`, `true` and `on`.
    pub fn differences(&self, found: &Value) -> Vec<Difference> {
        let (mut wanted, mut there) = (BTreeMap::new(), BTreeMap::new());
        leaves(&self.to_json(), "", &mut wanted);
        leaves(found, "", &mut there);
        let paths: std::collections::BTreeSet<_> = wanted.keys().chain(there.keys()).collect();
        let difference = |path: &String| {
            let (wanted, found) = (wanted.get(path).cloned(), there.get(path).cloned());
            (wanted != found).then(|| Difference { path: path.clone(), wanted, found })
        };
        paths.into_iter().filter_map(difference).collect()
    }
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
        Value::String(text) => match text.to_ascii_lowercase().as_str() {
            "true" | "on" | "yes" => "on".to_owned(),
            "false" | "off" | "no" => "off".to_owned(),
            _ => text.clone(),
        },
        other => other.to_string(),
    };
    all.insert(path.to_owned(), text);
}
