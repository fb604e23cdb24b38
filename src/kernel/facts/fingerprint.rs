//! The facts that a plan rests on, in a form that can be compared and told apart.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// The part of a fingerprint that is the machine's own.
const MACHINE: &str = "machine";

/// Of one host: the machine's facts, and those of each role on it, as text. What moves by itself (the
/// seqno of a live server, free space, the clock) is not in it.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Fingerprint(BTreeMap<String, BTreeMap<String, String>>);

/// One fact that is no longer what a plan was made from.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Difference {
    pub fact: String,
    pub then: String,
    pub now: String,
}

/// Names and values of facts.
pub type Facts = Vec<(&'static str, String)>;

impl Fingerprint {
    /// Of a machine with one role on it.
    pub fn of(machine: Facts, role: &str, facts: Facts) -> Self {
        let mut fingerprint = Self::default();
        fingerprint.put(MACHINE, machine);
        fingerprint.put(role, facts);
        fingerprint
    }

    /// Adds what another role's look at the same host tells.
    pub fn and(mut self, other: Self) -> Self {
        self.0.extend(other.0);
        self
    }

    fn put(&mut self, part: &str, facts: Facts) {
        let facts = facts.into_iter().map(|(fact, value)| (fact.to_owned(), value)).collect();
        self.0.insert(part.to_owned(), facts);
    }

    /// What differs now, in order of the facts' names; a role that was not looked at now differs in all.
    /// Where several roles stand on the host, each fact of theirs is named with its role.
    pub fn differences(&self, now: &Self) -> Vec<Difference> {
        let several = self.0.keys().filter(|part| *part != MACHINE).count() > 1;
        let named = |part: &str, fact: &str| match several && part != MACHINE {
            true => format!("{part}: {fact}"),
            false => fact.to_owned(),
        };
        let facts = self.0.iter().flat_map(|(part, facts)| {
            let now = now.0.get(part);
            facts.iter().map(move |(fact, then)| (part, fact, then, now.and_then(|now| now.get(fact))))
        });
        let mut differences: Vec<_> = facts
            .filter(|(_, _, then, now)| Some(*then) != *now)
            .map(|(part, fact, then, now)| Difference {
                fact: named(part, fact),
                then: then.clone(),
                now: now.cloned().unwrap_or_default(),
            })
            .collect();
        differences.sort_by(|one, other| one.fact.cmp(&other.fact));
        differences
    }
}

/// The names of some things, or `none`.
pub fn list<T>(items: impl IntoIterator<Item = T>, name: impl Fn(T) -> String) -> String {
    let names: Vec<_> = items.into_iter().map(name).collect();
    if names.is_empty() { "none".into() } else { names.join(", ") }
}

/// Enough of a digest to tell two apart.
pub fn beginning(digest: &str) -> String {
    format!("{}…", &digest[..16])
}
