//! All that a schema's rules have found.

use serde::Serialize;

use super::accepted::{Acceptance, sort_out};
use super::finding::{Finding, Place, Rule};
use super::region::{Ownership, by_region};
use super::rules;
use super::schema::{Schema, Unread};
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

#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Report {
    pub schema: u32,
    /// The version of galactl that made it.
    pub galactl: &'static str,
    pub source: Source,
    /// Of the server, where it is known.
    pub version: Option<String>,
    /// That server: `MariaDB` or `MySQL`.
    pub product: &'static str,
    /// Data nodes of the cluster.
    pub nodes: u64,
    /// The server is a member already.
    pub member: bool,
    pub tables: usize,
    pub programs: usize,
    pub sequences: usize,
    /// Worst first; of equals by rule, then by object.
    pub findings: Vec<Finding>,
    /// What the inventory accepts.
    pub accepted: Vec<Finding>,
    /// What the inventory accepts, and what was not found.
    pub accepted_in_vain: Vec<Acceptance>,
    /// For `--region`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub regions: Option<Regions>,
    /// What could not be read.
    pub unread: Vec<Unread>,
    /// What this source does not tell.
    pub not_looked_at: Vec<&'static str>,
}

/// Which tables' rows can be owned by regions.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Regions {
    /// The column that tells a row's region.
    pub column: String,
    pub tables: Vec<Ownership>,
}

/// Asks every rule.
pub fn lint(schema: Schema, source: Source, place: Place, accepted: &[Acceptance]) -> Report {
    with_regions(schema, source, place, accepted, None)
}

/// As [`lint`], and looks which tables' rows the column gives to regions.
pub fn with_regions(
    schema: Schema,
    source: Source,
    place: Place,
    accepted: &[Acceptance],
    column: Option<&str>,
) -> Report {
    let schema = schema.without_the_servers_own();
    let regions =
        column.map(|column| Regions { column: column.to_owned(), tables: by_region(&schema, column) });
    let mut findings = rules::check(&schema, place);
    findings.sort_by(|a, b| {
        let key = |it: &Finding| (std::cmp::Reverse(it.severity), it.rule.name);
        key(a).cmp(&key(b)).then_with(|| a.object.cmp(&b.object))
    });
    let (findings, accepted, accepted_in_vain) = sort_out(findings, accepted);
    Report {
        schema: SCHEMA,
        galactl: env!("CARGO_PKG_VERSION"),
        source,
        version: schema.version.map(|version| version.to_string()),
        product: if schema.of_mysql { "MySQL" } else { "MariaDB" },
        nodes: place.nodes,
        member: place.member,
        tables: schema.tables.len(),
        programs: schema.programs.len(),
        sequences: schema.sequences.len(),
        findings,
        accepted,
        accepted_in_vain,
        regions,
        not_looked_at: not_looked_at(&schema),
        unread: schema.unread,
    }
}

fn not_looked_at(schema: &Schema) -> Vec<&'static str> {
    let accounts = schema.accounts.is_none().then_some("whether definers exist");
    let settings = schema.settings.is_none().then_some("the settings of the server");
    accounts.into_iter().chain(settings).collect()
}

impl Report {
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
