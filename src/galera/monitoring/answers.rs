//! What Prometheus answers over its API (prometheus.io, "HTTP API"). galactl's own Prometheus watches one cluster.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::kernel::facts::Report;

/// What Prometheus itself says about its targets and rules.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Watching {
    /// The targets that it asks: address and port, and the error where the last scrape failed.
    pub targets: BTreeMap<String, Option<String>>,
    /// How many alert rules it has.
    pub rules: usize,
}

impl Watching {
    /// Reads what `prometheus.sh` found; `None`: it gave no answer.
    pub fn read(report: &Report) -> Option<Self> {
        Self::of(report.text("asked"), report.text("loaded"))
    }

    /// Understands the answers, without carriage returns, to `/api/v1/targets` and `/api/v1/rules`.
    pub fn of(targets: &str, rules: &str) -> Option<Self> {
        let (targets, rules) = (body(targets)?, body(rules)?);
        let target = |target: &Value| {
            let why = match text(target, "/health") == "up" {
                true => None,
                false => Some(text(target, "/lastError").to_owned()),
            };
            (text(target, "/labels/instance").to_owned(), why)
        };
        let rules = list(&rules, "/data/groups").iter().map(|group| list(group, "/rules").len()).sum();
        Some(Self { targets: list(&targets, "/data/activeTargets").iter().map(target).collect(), rules })
    }

    /// How many targets gave an answer.
    pub fn up(&self) -> usize {
        self.targets.values().filter(|why| why.is_none()).count()
    }
}

/// The body of an answer by HTTP, as JSON.
fn body(answer: &str) -> Option<Value> {
    serde_json::from_str(answer.split_once("\n\n")?.1).ok()
}

fn list<'a>(value: &'a Value, path: &str) -> &'a [Value] {
    value.pointer(path).and_then(Value::as_array).map_or(&[], Vec::as_slice)
}

fn text<'a>(value: &'a Value, path: &str) -> &'a str {
    value.pointer(path).and_then(Value::as_str).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::Watching;

    #[test]
    fn what_is_asked_and_loaded_is_told() {
        let answer = |body: &str| format!("HTTP/1.0 200 OK\nContent-Type: application/json\n\n{body}");
        let target = |instance: &str, health: &str, error: &str| {
            format!(r#"{{"labels":{{"instance":"{instance}"}},"health":"{health}","lastError":"{error}"}}"#)
        };
        let targets =
            [target("10.0.0.11:9104", "up", ""), target("10.0.0.11:9100", "down", "refused")].join(",");
        let targets = answer(&format!(r#"{{"data":{{"activeTargets":[{targets}]}}}}"#));
        let rules = answer(r#"{"data":{"groups":[{"name":"galactl-shop","rules":[{},{}]}]}}"#);
        let watching = Watching::of(&targets, &rules).unwrap();
        assert_eq!((watching.up(), watching.rules), (1, 2));
        assert_eq!(watching.targets["10.0.0.11:9100"].as_deref(), Some("refused"));
        for none in ["", "HTTP/1.0 503 Service Unavailable\n\nno"] {
            assert_eq!(Watching::of(none, &rules), None);
        }
    }
}
