//! What each column tells of a node, or of a direction between two.

use std::collections::BTreeMap;

use super::{Sample, name};
use crate::kernel::judge::Health;
use crate::kernel::model::NodeName;
use crate::kernel::watch::{Column, Row};
use crate::mesh::status::table::{link_row, short};
use crate::mesh::status::{LinkStatus, NodeStatus, Status};

pub const COLUMNS: [Column<Sample>; 7] = [
    Column::new("NODE", 0, 4),
    Column::new("DATABASE", 1, 8),
    Column::new("STATE", 0, 11),
    Column::with_past("WAL/S", 9, |sample| sample.wal),
    Column::with_past("BEHIND", 9, |sample| sample.behind),
    Column::new("LAG", 2, 6),
    Column::new("SLOT KEEPS", 3, 9),
];

/// The nodes, and below them who reads from whom.
pub fn rows(status: &Status, wal: &BTreeMap<NodeName, f64>) -> Vec<Row> {
    let of_node = status.nodes.iter().map(|node| self::node(status, node, wal.get(&node.node).copied()));
    of_node.chain(status.links.iter().map(link)).collect()
}

fn node(status: &Status, node: &NodeStatus, wal: Option<f64>) -> Row {
    let own = status.findings.iter().filter(|finding| finding.node.as_ref() == Some(&node.node));
    let health = own.map(|finding| finding.severity.into()).max().unwrap_or(Health::Healthy);
    #[allow(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "a rate of bytes, far below 2^53"
    )]
    let wal = wal.map_or_else(|| "-".into(), |rate| short(rate.max(0.0).round() as u64));
    let nothing = || "-".to_owned();
    let cells =
        vec![node.node.to_string(), nothing(), node.state.to_owned(), wal, nothing(), nothing(), nothing()];
    Row { node: Some(node.node.clone()), health, cells }
}

fn link(link: &LinkStatus) -> Row {
    let [_, _, _, state, behind, lag] =
        <[String; 6]>::try_from(link_row(link)).expect("one cell for each heading");
    let kept = link.kept.and_then(|kept| u64::try_from(kept).ok());
    let health = if state == "replicating" { Health::Healthy } else { Health::Critical };
    let cells = vec![
        format!("{} from {}", link.to, link.from),
        link.database.clone(),
        state,
        "-".into(),
        behind,
        lag,
        kept.map_or_else(|| "-".into(), short),
    ];
    Row { node: name(link), health, cells }
}
