//! Where nodes have different tables or columns.

use std::collections::BTreeMap;

use serde::Serialize;

use super::table::Table;
use crate::kernel::model::NodeName;

/// What is not the same on all nodes that have the table.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct ColumnDifference {
    pub what: What,
    /// Its definition on each node; `None`: the node has no such column.
    pub nodes: BTreeMap<NodeName, Option<String>>,
}

/// A part of a table's definition.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum What {
    Column(String),
    /// The order of the columns that all nodes have.
    Order,
    /// The columns of the key.
    Key,
}

impl ColumnDifference {
    /// `None`: all nodes say the same.
    fn of(
        what: What,
        tables: &BTreeMap<NodeName, Table>,
        says: impl Fn(&Table) -> Option<String>,
    ) -> Option<Self> {
        let nodes: BTreeMap<_, _> = tables.iter().map(|(node, table)| (node.clone(), says(table))).collect();
        let mut all = nodes.values();
        let first = all.next()?;
        let differ = all.any(|other| other != first);
        differ.then(|| Self { what, nodes: nodes.clone() })
    }
}

/// What can be compared of a table.
pub struct Common {
    /// With the columns that are alike on all nodes; `None`: their keys differ, so that no chunk means the same rows.
    pub table: Option<Table>,
    pub differences: Vec<ColumnDifference>,
}

/// What the nodes' tables of one name have in common; `None`: no node has it.
pub fn common(tables: &BTreeMap<NodeName, Table>) -> Option<Common> {
    let first = tables.values().next()?;
    let names = names(tables);
    let of = |name: &String| {
        ColumnDifference::of(What::Column(name.clone()), tables, |table| {
            table.column(name).map(|column| column.definition.clone())
        })
    };
    let mut differences: Vec<_> = names.iter().filter_map(of).collect();
    let shared: Vec<_> =
        names.iter().filter(|name| tables.values().all(|table| table.column(name).is_some())).collect();
    let order = |table: &Table| {
        let columns = table.columns.iter().map(|column| &column.name).filter(|name| shared.contains(name));
        Some(columns.cloned().collect::<Vec<_>>().join(", "))
    };
    // `SELECT *` and `INSERT` without names give other results.
    differences.extend(ColumnDifference::of(What::Order, tables, order));
    let key = |table: &Table| (!table.key.is_empty()).then(|| table.key.join(", "));
    let keys = ColumnDifference::of(What::Key, tables, key);
    let same_order = first.key.iter().all(|name| of(name).is_none());
    let comparable = keys.is_none() && same_order;
    differences.extend(keys);
    let table = comparable.then(|| {
        let columns = first.columns.iter().filter(|column| {
            tables.values().all(|table| table.column(&column.name).is_some_and(|it| it.kind == column.kind))
        });
        let estimate = tables.values().map(|table| table.estimate).max().unwrap_or(0);
        Table { columns: columns.cloned().collect(), estimate, ..first.clone() }
    });
    Some(Common { table, differences })
}

/// Each column that a node has, in the first node's order.
fn names(tables: &BTreeMap<NodeName, Table>) -> Vec<String> {
    let mut names: Vec<String> = Vec::new();
    for column in tables.values().flat_map(|table| &table.columns) {
        if !names.contains(&column.name) {
            names.push(column.name.clone());
        }
    }
    names
}
