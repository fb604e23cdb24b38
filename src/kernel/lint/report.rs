//! All that a schema's rules have found.

use serde::Serialize;

use super::accepted::{Acceptance, sort_out};
use super::finding::{Finding, Rule};
use crate::kernel::judge::Severity;
use crate::kernel::model::NodeName;

/// The version of the report's JSON form.
const SCHEMA: u32 = 1;

/// Where the schema was read.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Source {
    /// On a node's server.
    Server(NodeName),
    /// In a file.
    Dump(String),
}

/// A part of a schema that could not be read.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Unread {
    /// `dump.sql:12`, or the name of a table.
    pub at: String,
    pub what: String,
}

/// What was looked at.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Looked {
    pub source: Source,
    /// Of the server, where it is known.
    pub version: Option<String>,
    /// That server, such as `MySQL`.
    pub product: &'static str,
    /// What the nodes are together: a `cluster`.
    #[serde(skip)]
    pub whole: &'static str,
    /// Nodes with data.
    pub nodes: u64,
    /// The server is a member already.
    pub member: bool,
    pub tables: usize,
    pub programs: usize,
    pub sequences: usize,
}

/// `R`: what an engine tells besides.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Report<R = ()> {
    pub schema: u32,
    /// The version of galactl that made it.
    pub galactl: &'static str,
    #[serde(flatten)]
    pub looked: Looked,
    /// Worst first; of equals by rule, then by object.
    pub findings: Vec<Finding>,
    /// What the inventory accepts.
    pub accepted: Vec<Finding>,
    /// What the inventory accepts, and what was not found.
    pub accepted_in_vain: Vec<Acceptance>,
    /// For `--region`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub regions: Option<R>,
    /// What could not be read.
    pub unread: Vec<Unread>,
    /// What this source does not tell.
    pub not_looked_at: Vec<&'static str>,
}

impl<R> Report<R> {
    /// Sorts what rules have found, without what the inventory accepts.
    pub fn of(looked: Looked, mut findings: Vec<Finding>, accepted: &[Acceptance]) -> Self {
        findings.sort_by(|a, b| {
            let key = |it: &Finding| (std::cmp::Reverse(it.severity), it.rule.name);
            key(a).cmp(&key(b)).then_with(|| a.object.cmp(&b.object))
        });
        let (findings, accepted, accepted_in_vain) = sort_out(findings, accepted);
        Self {
            schema: SCHEMA,
            galactl: env!("CARGO_PKG_VERSION"),
            looked,
            findings,
            accepted,
            accepted_in_vain,
            regions: None,
            unread: Vec::new(),
            not_looked_at: Vec::new(),
        }
    }
    /// The worst of all findings.
    pub fn worst(&self) -> Option<Severity> {
        self.findings.iter().map(|finding| finding.severity).max()
    }

    /// Rules whose findings are worse than a note, each with how often; without these rules.
    pub fn serious(&self, but: &[Rule]) -> Vec<(&'static str, usize)> {
        let worse = self.by_rule().filter(|findings| findings[0].severity > Severity::Note);
        let counted = worse.map(|findings| (findings[0].rule.name, findings.len()));
        counted.filter(|(name, _)| but.iter().all(|rule| rule.code.name != *name)).collect()
    }

    /// The objects of one rule's findings.
    pub fn objects(&self, rule: Rule) -> impl Iterator<Item = &str> {
        let findings = self.findings.iter().filter(move |finding| finding.rule == rule.code);
        findings.map(|finding| finding.object.as_str())
    }

    /// What mends the first of one rule's findings.
    pub fn fix(&self, rule: Rule) -> Option<&str> {
        self.findings.iter().find(|finding| finding.rule == rule.code).map(|finding| finding.fix.as_str())
    }

    pub fn count(&self, severity: Severity) -> usize {
        self.findings.iter().filter(|finding| finding.severity == severity).count()
    }

    /// Findings rule by rule.
    pub fn by_rule(&self) -> impl Iterator<Item = &[Finding]> {
        self.findings.chunk_by(|a, b| a.rule == b.rule && a.severity == b.severity)
    }
}
