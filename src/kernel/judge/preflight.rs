//! A preflight: what is seen of hosts → pass, warn or fail, check by check.
//!
//! Every rule stands with the engine's rules, where it refuses or warns; here it only gets its place in a table.

use serde::Serialize;

use super::{Code, Finding, Invocation, codes};
use crate::kernel::model::{ClusterName, NodeName};

/// The version of the report's JSON form.
const SCHEMA: u32 = 2;

/// One line of the preflight.
#[derive(Debug)]
pub struct Check {
    /// Stable, as it stands in JSON.
    pub id: &'static str,
    /// What holds of a node that passes.
    pub holds: &'static str,
    /// Refusals that make it fail.
    pub fails: &'static [Code],
    /// Warnings: what is unwise, and stops nothing.
    pub warns: &'static [Code],
}

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

/// The whole result of a preflight. `Ports`: what the probe of the ports told.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Report<Ports> {
    pub schema: u32,
    /// The version of galactl that made it.
    pub galactl: &'static str,
    pub cluster: ClusterName,
    /// The worst level of all rows.
    pub verdict: Level,
    /// A node could not be seen.
    pub unreachable: bool,
    /// In the order of the checks; of one check, what fails comes first.
    pub rows: Vec<Row>,
    pub ports: Ports,
}

/// What was found on hosts.
pub struct Found<'a> {
    pub refusals: &'a [Finding],
    pub warnings: &'a [Finding],
    /// The inventory's nodes in its order, and which of them were seen.
    pub nodes: &'a [(&'a NodeName, bool)],
    /// Whether a check was made on a node.
    pub was_looked_at: &'a dyn Fn(&Check, &NodeName) -> bool,
}

impl<Ports> Report<Ports> {
    /// Gives each finding its place. Nodes that were not seen fail the first check and no other.
    pub fn new(cluster: &ClusterName, checks: &[Check], found: &Found<'_>, ports: Ports) -> Self {
        let rows: Vec<_> = checks.iter().flat_map(|check| found.rows(check)).collect();
        Self {
            schema: SCHEMA,
            galactl: env!("CARGO_PKG_VERSION"),
            cluster: cluster.clone(),
            verdict: rows.iter().map(|row| row.level).max().unwrap_or(Level::Pass),
            unreachable: found.refusals.iter().any(|refusal| refusal.code == codes::UNREACHABLE),
            rows,
            ports,
        }
    }

    /// With remedies in the words of this invocation.
    pub fn settled(mut self, invocation: &Invocation) -> Self {
        for row in &mut self.rows {
            if let Answer::Found(finding) = &mut row.result {
                *finding = finding.clone().settled(invocation);
            }
        }
        self
    }

    /// The checks that were made, in their order.
    pub fn checks(&self) -> Vec<&'static str> {
        let mut ids: Vec<_> = self.rows.iter().map(|row| row.check).collect();
        ids.dedup();
        ids
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

impl Found<'_> {
    fn rows(&self, check: &Check) -> Vec<Row> {
        let fails = self.refusals.iter().filter(|finding| check.fails.contains(&finding.code));
        let warns = self.warnings.iter().filter(|finding| check.warns.contains(&finding.code));
        let mut rows: Vec<_> = fails.map(|finding| Row::found(check, Level::Fail, finding)).collect();
        rows.extend(warns.map(|finding| Row::found(check, Level::Warn, finding)));
        let place = |row: &Row| self.nodes.iter().position(|(node, _)| Some(*node) == row.node());
        rows.sort_by_key(|row| (std::cmp::Reverse(row.level), place(row)));
        // A row without a node is about every node.
        let about = |node: &NodeName| rows.iter().any(|row| row.node().is_none_or(|named| named == node));
        let seen = self.nodes.iter().filter(|(_, seen)| *seen).map(|(node, _)| *node);
        let holds = |node: &NodeName| Row {
            check: check.id,
            level: Level::Pass,
            result: Answer::Holds { node: node.clone(), evidence: check.holds },
        };
        let passing = seen.filter(|node| (self.was_looked_at)(check, node) && !about(node));
        let passes: Vec<_> = passing.map(holds).collect();
        rows.extend(passes);
        rows
    }
}
