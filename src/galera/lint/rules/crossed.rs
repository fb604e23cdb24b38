//! Rows of one region that several nodes wrote.

use crate::galera::lint::codes::REGION_CROSSED;
use crate::galera::lint::place::Place;
use crate::galera::lint::schema::Schema;
use crate::galera::lint::written::{By, Crossed, condition};
use crate::kernel::lint::Finding;
use crate::kernel::model::words::count;

/// Nodes that are named for one value.
const NAMED: usize = 8;

pub fn check(schema: &Schema, _place: Place) -> Vec<Finding> {
    let Some((column, written)) = &schema.written else { return Vec::new() };
    let finding = |Crossed { table, value, by }: &Crossed| {
        let by_one = |By { node, rows, last }: &By| {
            format!(
                "{node} ({}, the last at {last})",
                count(usize::try_from(*rows).unwrap_or(usize::MAX), "row")
            )
        };
        let nodes: Vec<_> = by.iter().take(NAMED).map(by_one).collect();
        let condition = condition(column, value);
        let evidence = format!("has rows with {condition} that were written by {}", nodes.join(" and by "));
        let usual = by.first().map_or("", |by| by.node.as_str());
        let fix = format!(
            "most of these rows were written by {usual}; let whatever writes them elsewhere use {usual} as well, or give its rows another {column}"
        );
        Finding::new(REGION_CROSSED, table, evidence, fix)
    };
    written.crossed.iter().map(finding).collect()
}
