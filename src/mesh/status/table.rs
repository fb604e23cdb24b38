//! The status as rows. With short names, a row fits into 80 columns.

use super::{LinkStatus, NodeStatus, Status};
use crate::kernel::model::words::bytes;

pub const HEADINGS: [&str; 7] = ["NODE", "ADDRESS", "STATE", "VERSION", "NUMBER", "REGION", "CLOCK"];

pub const LINK_HEADINGS: [&str; 6] = ["DATABASE", "FROM", "TO", "STATE", "BEHIND", "LAG"];

/// A row for each node, under [`HEADINGS`].
pub fn rows(status: &Status) -> Vec<Vec<String>> {
    status.nodes.iter().map(row).collect()
}

fn row(node: &NodeStatus) -> Vec<String> {
    let cell = |value: Option<String>| value.unwrap_or_else(|| "-".into());
    vec![
        node.node.to_string(),
        node.address.clone(),
        node.state.to_owned(),
        cell(node.version.clone()),
        cell(node.number.map(|it| it.to_string())),
        cell(node.region.clone()),
        cell(node.clock_ahead.map(|ahead| format!("+{ahead:.1} s"))),
    ]
}

/// A row for each direction, under [`LINK_HEADINGS`].
pub fn link_rows(status: &Status) -> Vec<Vec<String>> {
    status.links.iter().map(link_row).collect()
}

pub(super) fn link_row(link: &LinkStatus) -> Vec<String> {
    let behind = link.behind.map_or_else(|| "-".into(), short);
    vec![
        link.database.clone(),
        link.from.to_string(),
        link.to.to_string(),
        link.state.clone(),
        behind,
        link.lag.map_or_else(|| "-".into(), |lag| format!("{lag:.1} s")),
    ]
}

/// A count of bytes in as few letters as it takes.
pub(super) fn short(count: u64) -> String {
    match count {
        0 => "0".into(),
        1..1024 => format!("{count} B"),
        more => bytes(more),
    }
}
