//! The status as rows. With short names, a row of a node fits into 80 columns.

use super::{MemberStatus, NodeStatus, Status};
use crate::kernel::model::words::bytes;

pub const HEADINGS: [&str; 8] = ["NODE", "ADDRESS", "ROLE", "TL", "POSITION", "BEHIND", "REPLAY", "PATRONI"];

pub const STORE_HEADINGS: [&str; 4] = ["ETCD", "ENDPOINT", "STATE", "VERSION"];

/// A row for each data node, under [`HEADINGS`]. `!` stands behind the state where the server waits for a restart.
pub fn rows(status: &Status) -> Vec<Vec<String>> {
    status.nodes.iter().map(row).collect()
}

fn row(node: &NodeStatus) -> Vec<String> {
    let cell = |value: Option<String>| value.unwrap_or_else(|| "-".into());
    let restart = if node.pending_restart { " !" } else { "" };
    vec![
        node.node.to_string(),
        node.address.clone(),
        node.role.to_string(),
        cell(node.timeline.map(|it| it.to_string())),
        cell(node.position.map(|it| it.to_string())),
        cell(node.behind.map(short)),
        cell(node.replay_behind.map(short)),
        format!("{}{restart}", node.patroni),
    ]
}

/// `0`, `80 B`, `1.2 MiB`.
fn short(count: u64) -> String {
    match count {
        0 => "0".into(),
        1..1024 => format!("{count} B"),
        more => bytes(more),
    }
}

/// A row for each member of etcd, under [`STORE_HEADINGS`].
pub fn store_rows(status: &Status) -> Vec<Vec<String>> {
    let row = |member: &MemberStatus| {
        let cell = |value: &Option<String>| value.clone().unwrap_or_else(|| "-".into());
        vec![cell(&member.member), member.endpoint.clone(), member.state.to_string(), cell(&member.version)]
    };
    status.etcd.iter().map(row).collect()
}
