//! The preflight: what is seen of hosts → pass, warn or fail, check by check.
//!
//! Every rule stands in [`crate::galera::plan`], where it refuses or warns; here it only gets its place in
//! a table.

mod checks;
pub mod preflight;

use crate::galera::judge::codes;
use crate::kernel::judge::Finding;
use serde::Serialize;

use super::facts::PortMatrix;
use super::judge::{Basis, Warning};
use crate::kernel::model::{ClusterName, NodeName};

pub use checks::{CHECKS, Check};

/// The version of the report's JSON form.
const SCHEMA: u32 = 1;

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
    pub node: Option<NodeName>,
    pub level: Level,
    /// What was seen, or what holds.
    pub said: String,
    /// What to do about it; nothing where it passes.
    pub next: Option<String>,
}

/// Everything that a preflight tells.
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

impl Report {
    /// Rows of one level.
    pub fn of(&self, level: Level) -> impl Iterator<Item = &Row> {
        self.rows.iter().filter(move |row| row.level == level)
    }
}

fn rows(basis: &Basis<'_>, check: &Check, refusals: &[Finding], warnings: &[Warning]) -> Vec<Row> {
    let fails = refusals.iter().filter(|refusal| check.guards.contains(&refusal.code)).map(|refusal| Row {
        check: check.id,
        node: refusal.node.clone(),
        level: Level::Fail,
        said: refusal.evidence.clone(),
        next: Some(refusal.remedy.to_string()),
    });
    let warns = warnings.iter().filter(|warning| check.topics.contains(&warning.topic)).map(|warning| Row {
        check: check.id,
        node: warning.node.clone(),
        level: Level::Warn,
        said: warning.said.clone(),
        next: Some(warning.next.clone()),
    });
    let mut rows: Vec<_> = fails.chain(warns).collect();
    let place =
        |row: &Row| basis.inventory.start_order().position(|node| Some(&node.name) == row.node.as_ref());
    rows.sort_by_key(|row| (std::cmp::Reverse(row.level), place(row)));
    // What is said of all nodes together is said of each.
    let about = |node: &NodeName| rows.iter().any(|row| row.node.as_ref().is_none_or(|named| named == node));
    let passing = basis.nodes().map(|(node, _)| &node.name).filter(|node| was_looked_at(basis, check, node));
    let passes: Vec<_> = passing
        .filter(|node| !about(node))
        .map(|node| Row {
            check: check.id,
            node: Some(node.clone()),
            level: Level::Pass,
            said: check.holds.to_owned(),
            next: None,
        })
        .collect();
    rows.extend(passes);
    rows
}

/// Ports are probed apart from everything else; without a probe nothing passes.
fn was_looked_at(basis: &Basis<'_>, check: &Check, node: &NodeName) -> bool {
    !check.guards.contains(&codes::PORTS) || basis.observation.ports.knows(node)
}
