//! The status as rows. With short names, a row of a node fits into 80 columns.

use super::{MemberStatus, NodeStatus, ProxyStatus, Status};
use crate::kernel::model::NodeName;
use crate::kernel::model::words::bytes;

pub const HEADINGS: [&str; 8] = ["NODE", "ADDRESS", "ROLE", "TL", "POSITION", "BEHIND", "REPLAY", "PATRONI"];

pub const STORE_HEADINGS: [&str; 4] = ["ETCD", "ENDPOINT", "STATE", "VERSION"];

pub const PROXY_HEADINGS: [&str; 5] = ["PROXY", "ADDRESS", "STATE", "WRITES", "READS"];

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
pub(super) fn short(count: u64) -> String {
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

/// A row for each proxy, under [`PROXY_HEADINGS`].
pub fn proxy_rows(status: &Status) -> Vec<Vec<String>> {
    let names = |nodes: &[NodeName]| match nodes {
        [] => "-".to_owned(),
        nodes => nodes.iter().map(NodeName::as_str).collect::<Vec<_>>().join(", "),
    };
    let row = |proxy: &ProxyStatus| {
        let ProxyStatus { proxy, address, state, writes, reads } = proxy;
        // Without a standby, who reads goes where writes go.
        let reads = if reads.is_empty() { writes } else { reads };
        vec![proxy.to_string(), address.clone(), state.clone(), names(writes), names(reads)]
    };
    status.proxies.iter().map(row).collect()
}
