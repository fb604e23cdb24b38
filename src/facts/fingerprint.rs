//! The facts that a plan rests on, in a form that can be compared and told apart.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use super::{ConfigFile, HostFacts};

/// Fact name → value, as text. What moves by itself (seqno of a live server, free space, clock)
/// is not in it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Fingerprint(BTreeMap<String, String>);

/// One fact that is no longer what a plan was made from.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Difference {
    pub fact: String,
    pub then: String,
    pub now: String,
}

impl Fingerprint {
    /// The facts of a host that decide what a plan does there.
    pub fn of(facts: &HostFacts) -> Self {
        let saved = facts.datadir.grastate.known_uuid();
        let entries = [
            ("machine id", facts.machine_id.clone()),
            ("server version", facts.server.map_or_else(|| "not installed".into(), |v| v.to_string())),
            ("unit", format!("{} {} {}", facts.unit.load, facts.unit.active, facts.unit.file)),
            ("state", facts.state().to_string()),
            ("saved state", saved.map_or_else(|| "none".into(), ToString::to_string)),
            ("bootstrap intent", list(&facts.intents, ToString::to_string)),
            ("data directory", facts.datadir.path.clone()),
            ("databases", list(&facts.datadir.schemas, |schema| schema.name.clone())),
            ("provider", facts.providers.first().cloned().unwrap_or_default()),
            ("option file", facts.config.as_ref().map_or_else(|| "absent".into(), digest)),
        ];
        Self(entries.into_iter().map(|(fact, value)| (fact.to_owned(), value)).collect())
    }

    /// What differs now, in order of the facts' names.
    pub fn differences(&self, now: &Self) -> Vec<Difference> {
        self.0
            .iter()
            .filter_map(|(fact, then)| {
                let now = now.0.get(fact).cloned().unwrap_or_default();
                (*then != now).then(|| Difference { fact: fact.clone(), then: then.clone(), now })
            })
            .collect()
    }
}

fn list<T>(items: &[T], name: impl Fn(&T) -> String) -> String {
    let names: Vec<_> = items.iter().map(name).collect();
    if names.is_empty() { "none".into() } else { names.join(", ") }
}

/// The file's attributes and the beginning of its text's SHA-256, which is enough to tell two apart.
fn digest(file: &ConfigFile) -> String {
    let hash = Sha256::digest(&file.text);
    let beginning = hash.iter().take(8).fold(0u64, |number, byte| number << 8 | u64::from(*byte));
    format!("{} {}:{} sha256 {beginning:016x}…", file.mode, file.owner, file.group)
}
