//! The facts that a plan rests on, in a form that can be compared and told apart.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{ArbitratorFacts, ConfigFile, Grastate, HostFacts};
use crate::model::sha256;

/// Fact name → value, as text. What moves by itself (seqno of a live server, free space, clock)
/// is not in it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
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
        let entries = [
            ("host key", list(&facts.host_keys, |key| beginning(&sha256(key)))),
            ("machine id", facts.machine_id.clone()),
            ("system", format!("{} {}", facts.os, facts.arch)),
            ("server version", facts.server.map_or_else(|| "not installed".into(), |v| v.to_string())),
            ("packages", list(&facts.packages, |(name, version)| format!("{name} {version}"))),
            ("unit", format!("{} {} {}", facts.unit.load, facts.unit.active, facts.unit.file)),
            ("state", facts.state().to_string()),
            ("saved state", saved_state(&facts.datadir.grastate)),
            ("view", view(facts)),
            ("bootstrap intent", list(&facts.intents, ToString::to_string)),
            ("data directory", facts.datadir.path.clone()),
            ("databases", list(&facts.datadir.schemas, |schema| schema.name.clone())),
            ("provider", facts.providers.first().cloned().unwrap_or_default()),
            ("options", options(facts)),
            ("option file", facts.config.as_ref().map_or_else(|| "absent".into(), digest)),
        ];
        Self(entries.into_iter().map(|(fact, value)| (fact.to_owned(), value)).collect())
    }

    /// The facts of an arbitrator's host that decide what a plan does there.
    pub fn of_arbitrator(facts: &ArbitratorFacts) -> Self {
        let entries = [
            ("host key", list(&facts.host_keys, |key| beginning(&sha256(key)))),
            ("machine id", facts.machine_id.clone()),
            ("system", facts.os.clone()),
            ("packages", list(&facts.package, Clone::clone)),
            ("unit", format!("{} {} {}", facts.unit.load, facts.unit.active, facts.unit.file)),
            ("state", facts.state().to_owned()),
            ("arguments", list(&facts.arguments, Clone::clone)),
            ("member", facts.member.clone().unwrap_or_else(|| "none".into())),
            ("settings", facts.config.as_ref().map_or_else(|| "absent".into(), digest)),
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

/// What all option files give the server, as the beginning of a digest.
fn options(facts: &HostFacts) -> String {
    let lines: Vec<_> = facts.options.iter().map(|(name, value)| format!("{name}={value}\n")).collect();
    format!("sha256 {}", beginning(&sha256(lines.concat())))
}

fn list<T>(items: impl IntoIterator<Item = T>, name: impl Fn(T) -> String) -> String {
    let names: Vec<_> = items.into_iter().map(name).collect();
    if names.is_empty() { "none".into() } else { names.join(", ") }
}

/// The file's attributes and the beginning of its text's digest.
fn digest(file: &ConfigFile) -> String {
    format!("{} {}:{} sha256 {}", file.mode, file.owner, file.group, beginning(&sha256(&file.text)))
}

/// Enough of a digest to tell two apart.
fn beginning(digest: &str) -> String {
    format!("{}…", &digest[..16])
}

fn saved_state(grastate: &Grastate) -> String {
    match grastate {
        Grastate::Absent => "no grastate.dat".into(),
        Grastate::Empty => "an empty grastate.dat".into(),
        Grastate::Unreadable(why) => why.clone(),
        Grastate::Saved(state) => match state.safe_to_bootstrap {
            None => state.position.to_string(),
            Some(flag) => format!("{} safe_to_bootstrap {}", state.position, u8::from(flag)),
        },
    }
}

/// A running member's view. Its seqno moves with every write and is not in it.
fn view(facts: &HostFacts) -> String {
    let Some(live) = facts.live().filter(|live| live.wsrep_on) else { return "none".into() };
    let members = live.members.join(", ");
    format!("`{}` view {}, size {}: {members}", live.cluster_name, live.conf_id, live.cluster_size)
}
