//! The preflight: what is seen of hosts → pass, warn or fail, check by check.
//!
//! Every rule stands in [`crate::galera::judge`], where it refuses or warns; here it only gets its place in
//! a table.

mod checks;
pub mod preflight;

use serde::Serialize;

use super::facts::PortMatrix;
use super::judge::Basis;
use crate::galera::judge::codes;
use crate::kernel::judge::{Finding, Invocation};
use crate::kernel::model::{ClusterName, NodeName};

pub use checks::{CHECKS, Check};

/// The version of the report's JSON form.
const SCHEMA: u32 = 2;

/// How a check came out.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Level {
    Pass,
    Warn,
    Fail,
}

/// One check on one node; without a node, on all of them together.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Row {
    pub check: &'static str,
    pub level: Level,
    #[serde(flatten)]
    pub result: Answer,
}

/// What a check has found.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(untagged)]
pub enum Answer {
    Found(Finding),
    /// What holds of the node.
    Holds {
        node: NodeName,
        evidence: &'static str,
    },
}

/// The whole result of a preflight.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Report {
    pub schema: u32,
    /// The version of galactl that made it.
    pub galactl: &'static str,
    pub cluster: ClusterName,
    /// The worst level of all rows.
    pub verdict: Level,
    /// A node could not be seen.
    pub unreachable: bool,
    /// In order of [`CHECKS`]; of one check, what fails comes first.
    pub rows: Vec<Row>,
    pub ports: PortMatrix,
}

/// Judges the hosts of an inventory. Nodes that were not seen fail the first check and no other.
pub fn check(basis: &Basis<'_>) -> Report {
    let (refusals, warnings) = (preflight::refusals(basis), preflight::warnings(basis));
    let rows: Vec<_> = CHECKS.iter().flat_map(|check| rows(basis, check, &refusals, &warnings)).collect();
    Report {
        schema: SCHEMA,
        galactl: env!("CARGO_PKG_VERSION"),
        cluster: basis.inventory.cluster.clone(),
        verdict: rows.iter().map(|row| row.level).max().unwrap_or(Level::Pass),
        unreachable: refusals.iter().any(|refusal| refusal.code == codes::UNREACHABLE),
        rows,
        ports: basis.observation.ports.clone(),
    }
}

impl Row {
    pub fn node(&self) -> Option<&NodeName> {
        match &self.result {
            Answer::Found(finding) => finding.node.as_ref(),
            Answer::Holds { node, .. } => Some(node),
        }
    }

    fn found(check: &Check, level: Level, finding: &Finding) -> Self {
        Self { check: check.id, level, result: Answer::Found(finding.clone()) }
    }
}

impl Report {
    /// With remedies in the words of this invocation.
    pub fn settled(mut self, invocation: &Invocation) -> Self {
        for row in &mut self.rows {
            if let Answer::Found(finding) = &mut row.result {
                *finding = finding.clone().settled(invocation);
            }
        }
        self
    }

    /// Rows of one level.
    pub fn of(&self, level: Level) -> impl Iterator<Item = &Row> {
        self.rows.iter().filter(move |row| row.level == level)
    }

    /// The findings of one level, each with its check.
    pub fn findings(&self, level: Level) -> impl Iterator<Item = (&'static str, &Finding)> {
        self.of(level).filter_map(|row| match &row.result {
            Answer::Found(finding) => Some((row.check, finding)),
            Answer::Holds { .. } => None,
        })
    }
}

fn rows(basis: &Basis<'_>, check: &Check, refusals: &[Finding], warnings: &[Finding]) -> Vec<Row> {
    let fails = refusals.iter().filter(|finding| check.fails.contains(&finding.code));
    let warns = warnings.iter().filter(|finding| check.warns.contains(&finding.code));
    let mut rows: Vec<_> = fails.map(|finding| Row::found(check, Level::Fail, finding)).collect();
    rows.extend(warns.map(|finding| Row::found(check, Level::Warn, finding)));
    let place = |row: &Row| basis.inventory.start_order().position(|node| Some(&node.name) == row.node());
    rows.sort_by_key(|row| (std::cmp::Reverse(row.level), place(row)));
    // A row without a node is about every node.
    let about = |node: &NodeName| rows.iter().any(|row| row.node().is_none_or(|named| named == node));
    let passing = basis.nodes().map(|(node, _)| &node.name).filter(|node| was_looked_at(basis, check, node));
    let holds = |node: &NodeName| Row {
        check: check.id,
        level: Level::Pass,
        result: Answer::Holds { node: node.clone(), evidence: check.holds },
    };
    let passes: Vec<_> = passing.filter(|node| !about(node)).map(holds).collect();
    rows.extend(passes);
    rows
}

/// Ports are probed apart from everything else; without a probe nothing passes.
fn was_looked_at(basis: &Basis<'_>, check: &Check, node: &NodeName) -> bool {
    !check.fails.contains(&codes::PORTS) || basis.observation.ports.knows(node)
}
