//! What each column tells of a node.

use std::collections::BTreeMap;

use super::{Sample, whole};
use crate::kernel::judge::Health;
use crate::kernel::model::NodeName;
use crate::kernel::watch::{Column, Row};
use crate::patroni::status::table::{HEADINGS, short};
use crate::patroni::status::{NodeRole, Status, rows as status_rows};

pub const COLUMNS: [Column<Sample>; 11] = [
    Column::new("NODE", 0, 4),
    Column::new("ADDRESS", 5, 7),
    Column::new("ROLE", 0, 12),
    Column::new("TL", 1, 2),
    Column::new("POSITION", 6, 10),
    Column::with_past("WAL/S", 9, |sample| sample.wal),
    Column::with_past("BEHIND", 9, |sample| sample.behind),
    Column::new("REPLAY", 2, 9),
    Column::new("PATRONI", 3, 9),
    Column::new("SLOTS", 4, 6),
    Column::new("CLIENTS", 7, 7),
];

/// Data nodes in the order of the inventory.
pub fn rows(status: &Status, samples: &BTreeMap<NodeName, Sample>) -> Vec<Row> {
    let row = |(at, cells): (usize, Vec<String>)| {
        let node = &status.nodes[at];
        let sample = samples.get(&node.node);
        let cell = |column: &Column<Sample>| match column.heading {
            "WAL/S" => sample.map_or_else(|| "-".into(), |it| short(whole(it.wal))),
            "SLOTS" => sample
                .filter(|_| node.role == NodeRole::Primary)
                .map_or_else(|| "-".into(), |it| format!("{} of {}", it.slots[0], it.slots[1])),
            "CLIENTS" => node.clients.map_or_else(|| "-".into(), |it| it.to_string()),
            heading => {
                let index = HEADINGS.iter().position(|known| *known == heading);
                index.map_or_else(String::new, |index| cells[index].clone())
            }
        };
        let own = status.findings.iter().filter(|finding| finding.node.as_ref() == Some(&node.node));
        let health = own.map(|finding| finding.severity.into()).max().unwrap_or(Health::Healthy);
        Row { node: Some(node.node.clone()), health, cells: COLUMNS.iter().map(cell).collect() }
    };
    status_rows(status).into_iter().enumerate().map(row).collect()
}
