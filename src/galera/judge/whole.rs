//! Expectation × what the nodes say → findings. No findings: the cluster is whole.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::codes;
use crate::galera::facts::Live;
use crate::kernel::judge::{Finding, Remedy};
use crate::kernel::model::NodeName;

/// What a whole cluster looks like.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Expectation {
    pub cluster: String,
    pub nodes: Vec<NodeName>,
    /// Data nodes and arbitrators together; the data nodes alone are the least.
    pub most_members: usize,
}

/// Judges the views of all nodes. A state UUID alone proves nothing: two clusters can share it.
/// What counts is one conf_id, one size, and one member list wherever it is told.
pub fn judge(expected: &Expectation, views: &BTreeMap<NodeName, Live>) -> Vec<Finding> {
    let seen = || expected.nodes.iter().filter_map(|name| views.get(name));
    let (reference, members) =
        (seen().next(), seen().map(|live| &live.members).find(|list| !list.is_empty()));
    expected
        .nodes
        .iter()
        .flat_map(|name| match views.get(name) {
            None => vec![finding(name, "it gives no answer".into())],
            Some(live) => {
                node(expected, name, live, reference.unwrap_or(live), members.unwrap_or(&live.members))
            }
        })
        .collect()
}

fn node(
    expected: &Expectation,
    name: &NodeName,
    live: &Live,
    reference: &Live,
    members: &[String],
) -> Vec<Finding> {
    let sizes = expected.nodes.len()..=expected.most_members;
    let size = usize::try_from(live.cluster_size).unwrap_or(usize::MAX);
    let checks = [
        (live.wsrep_on, "wsrep_on is OFF".to_owned()),
        (live.is_primary(), format!("wsrep_cluster_status is {}, not Primary", live.cluster_status)),
        (live.local_state.is_synced(), format!("its state is {}, not Synced", live.local_state)),
        (live.ready, "wsrep_ready is OFF".to_owned()),
        (live.connected, "wsrep_connected is OFF".to_owned()),
        (live.cluster_name == expected.cluster, format!("its cluster is `{}`", live.cluster_name)),
        (live.node_name == name.as_str(), format!("it calls itself `{}`", live.node_name)),
        (sizes.contains(&size), format!("wsrep_cluster_size is {size}, expected {}", range(&sizes))),
        (live.state_uuid.is_some(), "it has no state UUID".to_owned()),
        (live.state_uuid == reference.state_uuid, "its state UUID is another one".to_owned()),
        (
            live.conf_id == reference.conf_id,
            format!("its view is {}, another one's {}", live.conf_id, reference.conf_id),
        ),
        (
            live.members.is_empty() || live.members == members,
            format!("its members are {}, another one's {}", live.members.join(", "), members.join(", ")),
        ),
    ];
    checks.into_iter().filter(|(holds, _)| !holds).map(|(_, what)| finding(name, what)).collect()
}

fn finding(node: &NodeName, what: String) -> Finding {
    Finding::new(codes::NOT_WHOLE, what, Remedy::galactl("explain", &[node.as_str()])).on(node)
}

fn range(sizes: &std::ops::RangeInclusive<usize>) -> String {
    if sizes.start() == sizes.end() {
        sizes.start().to_string()
    } else {
        format!("{} to {}", sizes.start(), sizes.end())
    }
}
