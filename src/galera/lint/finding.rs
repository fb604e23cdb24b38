//! What a rule has found.

use serde::Serialize;

use super::schema::shown;
use crate::kernel::judge::{Code, Severity};

/// One thing in a schema or in settings that does not fit.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Finding {
    /// The code of the rule.
    pub rule: Code,
    pub severity: Severity,
    /// `shop.orders`, or the name of a setting.
    pub object: String,
    /// What was seen, as the end of a sentence that begins with the object.
    pub evidence: String,
    /// What comes of it.
    pub why: &'static str,
    /// Where that is known from: the name of a page of MariaDB's documentation, or a measurement.
    pub source: &'static str,
    /// The statement or the setting that mends it.
    pub fix: String,
}

impl Finding {
    pub fn new(
        rule: Rule,
        object: impl Into<String>,
        evidence: impl Into<String>,
        fix: impl Into<String>,
    ) -> Self {
        let Rule { code, source } = rule;
        // Names are the users' own, and a terminal obeys control characters.
        let (object, evidence, fix) = (object.into(), shown(&evidence.into()), shown(&fix.into()));
        let object = shown(&object);
        Self { rule: code, severity: code.severity, object, evidence, why: code.why, source, fix }
    }

    pub fn severity(mut self, severity: Severity) -> Self {
        self.severity = severity;
        self
    }
}

/// A code with where its rule is known from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Rule {
    pub code: Code,
    pub source: &'static str,
}

/// Where the schema is, or is to be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Place {
    /// Data nodes of the cluster.
    pub nodes: u64,
    /// Members without data, which count in Galera's step of AUTO_INCREMENT as well.
    pub arbitrators: u64,
    /// The server that was asked is a member of one already.
    pub member: bool,
}

impl Place {
    /// What Galera sets `auto_increment_increment` to: its number of members.
    pub fn step(self) -> u64 {
        (self.nodes + self.arbitrators).max(1)
    }
}
