//! What a comparison has found.

use std::collections::BTreeMap;

use serde::Serialize;

use super::columns::ColumnDifference;
use super::table::{Key, TableName};
use crate::kernel::model::NodeName;

/// All tables of a cluster.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Report {
    /// The nodes that were compared.
    pub nodes: Vec<NodeName>,
    /// Nodes of the inventory that were not.
    pub left_out: Vec<LeftOut>,
    pub tables: Vec<TableReport>,
    /// Tables that are compared only where somebody names them.
    pub apart: BTreeMap<TableName, String>,
}

/// A node that was not compared, and why.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct LeftOut {
    pub node: NodeName,
    pub why: String,
}

/// One table.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct TableReport {
    pub table: TableName,
    /// The partitioned table that its rows belong to.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub part_of: Option<TableName>,
    /// The key's columns; empty: it has none, and was compared as a whole.
    pub key: Vec<String>,
    /// Rows of each node that has the table.
    pub rows: BTreeMap<NodeName, u64>,
    /// What each node has of a table without a key that differs, as one hash.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub hashes: BTreeMap<NodeName, String>,
    /// Nodes that do not have it.
    pub missing_on: Vec<NodeName>,
    pub columns: Vec<ColumnDifference>,
    pub chunks: u64,
    pub outcome: Outcome,
    /// What stayed as it is while it was looked at again and again.
    pub differences: Vec<Difference>,
    /// Rows that were written to at each look, so that nothing can be said of them.
    pub busy: Vec<Key>,
    /// Pieces that differ too, and whose rows were not looked for, as there are so many already.
    pub unopened: u64,
}

/// What can be said of a table's rows.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Outcome {
    Equal,
    Differs,
    /// Some of its rows, or all of one without a key, were written to at each look.
    Busy,
    /// Why its rows were not compared.
    NotCompared(String),
    /// A node did not answer.
    Failed {
        node: NodeName,
        why: String,
    },
}

/// A row that is not the same everywhere.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Difference {
    pub key: Key,
    /// The hash of the row on each node; `None`: it is not there.
    pub nodes: BTreeMap<NodeName, Option<String>>,
    /// The row's values by column, where somebody asked for them.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub values: BTreeMap<NodeName, BTreeMap<String, Option<String>>>,
}

impl Difference {
    /// The nodes that have the same there, those that are most first; and what they have.
    pub fn groups(&self) -> Vec<(Vec<NodeName>, Option<&str>)> {
        let mut groups: BTreeMap<Option<&str>, Vec<NodeName>> = BTreeMap::new();
        for (node, hash) in &self.nodes {
            groups.entry(hash.as_deref()).or_default().push(node.clone());
        }
        let mut groups: Vec<_> = groups.into_iter().map(|(hash, nodes)| (nodes, hash)).collect();
        groups.sort_by(|(one, _), (other, _)| other.len().cmp(&one.len()).then_with(|| one.cmp(other)));
        groups
    }
}

impl TableReport {
    /// It is not the same on all nodes.
    pub fn differs(&self) -> bool {
        self.outcome == Outcome::Differs || !self.missing_on.is_empty() || !self.columns.is_empty()
    }
}

/// What a comparison comes to, the worst last.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Verdict {
    Equal,
    /// As far as can be told: some rows were written to all the time.
    Busy,
    /// Not all nodes or tables could be compared; the rest is equal.
    Incomplete,
    Differs,
}

impl Report {
    pub fn verdict(&self) -> Verdict {
        let of = |table: &TableReport| match &table.outcome {
            _ if table.differs() => Verdict::Differs,
            Outcome::Equal | Outcome::Differs => Verdict::Equal,
            Outcome::Busy => Verdict::Busy,
            Outcome::NotCompared(_) | Outcome::Failed { .. } => Verdict::Incomplete,
        };
        let nodes = if self.left_out.is_empty() { Verdict::Equal } else { Verdict::Incomplete };
        self.tables.iter().map(of).chain([nodes]).max().unwrap_or(Verdict::Equal)
    }

    /// Nodes that differ from what most nodes have, where more than half of those that were compared have the same; and
    /// in how many tables.
    pub fn in_the_minority(&self) -> BTreeMap<NodeName, usize> {
        let mut tables: BTreeMap<NodeName, usize> = BTreeMap::new();
        for table in &self.tables {
            let mut nodes: Vec<NodeName> = Vec::new();
            for (few, all) in parted(table) {
                if 2 * few.len() < all {
                    nodes.extend(few);
                }
            }
            nodes.sort();
            nodes.dedup();
            for node in nodes {
                *tables.entry(node).or_default() += 1;
            }
        }
        tables
    }
}

/// For each difference of a table: the nodes beside the largest group, and how many there are in all.
fn parted(table: &TableReport) -> Vec<(Vec<NodeName>, usize)> {
    let have = table.rows.keys().map(|node| (node.clone(), Some(String::new())));
    let lack = table.missing_on.iter().map(|node| (node.clone(), None));
    let there = have.chain(lack).collect();
    let whole = table.hashes.iter().map(|(node, hash)| (node.clone(), Some(hash.clone()))).collect();
    let columns = table.columns.iter().map(|column| column.nodes.clone());
    let rows = table.differences.iter().map(|difference| difference.nodes.clone());
    let of = |nodes: BTreeMap<NodeName, Option<String>>| {
        let all = nodes.len();
        let difference = Difference { key: Key(Vec::new()), nodes, values: BTreeMap::new() };
        (difference.groups().into_iter().skip(1).flat_map(|(nodes, _)| nodes).collect(), all)
    };
    [there, whole].into_iter().chain(columns).chain(rows).map(of).collect()
}
