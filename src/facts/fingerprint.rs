//! The facts that a plan rests on, in a form that can be compared and told apart.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::{HostFacts, NodeState};

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
        let config = facts.config.as_ref();
        let state = match facts.state() {
            NodeState::Primary { uuid } => format!("Primary of {uuid:?}"),
            other => format!("{other:?}"),
        };
        let schemas: Vec<_> = facts.datadir.schemas.iter().map(|schema| schema.name.as_str()).collect();
        let entries = [
            ("machine id", facts.machine_id.clone()),
            ("server version", facts.server.map_or_else(|| "not installed".into(), |v| v.to_string())),
            ("unit", format!("{} {} {}", facts.unit.load, facts.unit.active, facts.unit.file)),
            ("state", state),
            ("saved state", format!("{:?}", facts.datadir.grastate.known_uuid())),
            ("bootstrap intent", format!("{:?}", facts.intents)),
            ("data directory", facts.datadir.path.clone()),
            ("databases", schemas.join(", ")),
            ("provider", facts.providers.first().cloned().unwrap_or_default()),
            (
                "option file",
                config.map_or_else(
                    || "absent".into(),
                    |c| format!("{} {}:{} {}", c.mode, c.owner, c.group, c.text),
                ),
            ),
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
