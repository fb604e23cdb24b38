//! The commands that plans of a Patroni cluster are for.

use std::borrow::Cow;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::patroni_action::list;
use crate::kernel::model::words::{count, names};
use crate::kernel::model::{ClusterName, NodeName};
use crate::kernel::plan;
use crate::patroni::inventory::ENGINE;

/// The command that a plan is for.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Command {
    /// `founder`: whose initdb makes the cluster, or whose data become its.
    Bootstrap {
        founder: NodeName,
    },
    /// Nodes of the inventory come to the cluster.
    AddNode {
        nodes: Vec<NodeName>,
    },
    /// Nodes leave it. `unseen`: those that may be out of reach.
    RemoveNode {
        nodes: Vec<NodeName>,
        unseen: Vec<NodeName>,
    },
    /// `seed`: the node that the user named. `forced`: it was not what the rules choose. `preliminary`: it only makes
    /// the data readable, and the same command has to run again.
    Recover {
        seed: Option<NodeName>,
        keep_aside: bool,
        forced: bool,
        preliminary: bool,
    },
    /// `to`: the node that is to lead.
    Switchover {
        from: NodeName,
        to: NodeName,
    },
    /// `to`: the node that is to lead. `forced`: it may lack what was acknowledged.
    Failover {
        to: NodeName,
        forced: bool,
    },
    /// Of no node: of all.
    Restart {
        nodes: Vec<NodeName>,
    },
    /// Of no node: of all.
    Stop {
        nodes: Vec<NodeName>,
    },
    /// Of no node: of all that are stopped.
    Start {
        nodes: Vec<NodeName>,
    },
    ApplyConfig,
}

impl plan::Command for Command {
    const ENGINE: &'static str = ENGINE;

    fn headline(&self, cluster: &ClusterName, nodes: usize, acts: &[Cow<'static, str>]) -> String {
        let nodes = count(nodes, "node");
        let has = |wanted: &str| acts.iter().any(|act| act == wanted);
        let founds = has("found");
        match self {
            _ if acts.is_empty() => format!("Cluster `{cluster}`: {nodes}"),
            Self::Bootstrap { founder } if has("take-over") => {
                format!("Bootstrap of cluster `{cluster}`: {nodes}, from the data of {founder}")
            }
            Self::Bootstrap { founder } if founds => {
                format!("Bootstrap of cluster `{cluster}`: {nodes}, founded on {founder}")
            }
            Self::Bootstrap { .. } => format!("Completing cluster `{cluster}`: {nodes}"),
            Self::AddNode { nodes: added } => {
                format!("Adding {} to cluster `{cluster}`: {nodes}", list(added))
            }
            Self::RemoveNode { nodes: removed, .. } => {
                format!("Removing {} from cluster `{cluster}`: {nodes}", list(removed))
            }
            Self::Recover { preliminary: true, .. } => {
                format!("What comes before a recovery of cluster `{cluster}`: {nodes}")
            }
            Self::Recover { seed: Some(seed), forced: true, .. } => {
                format!("FORCED recovery of cluster `{cluster}`: {nodes}, from {seed}")
            }
            Self::Recover { .. } => format!("Recovery of cluster `{cluster}`: {nodes}"),
            Self::Switchover { from, to } => {
                format!("Switchover of cluster `{cluster}` from {from} to {to}: {nodes}")
            }
            Self::Failover { to, forced } => {
                let word = if *forced { "FORCED failover" } else { "Failover" };
                format!("{word} of cluster `{cluster}` to {to}: {nodes}")
            }
            Self::Restart { nodes: named } => format!("Restart of {}: {nodes}", of(named, cluster)),
            Self::Stop { nodes: named } => format!("Stop of {}: {nodes}", of(named, cluster)),
            Self::Start { nodes: named } => format!("Start of {}: {nodes}", of(named, cluster)),
            Self::ApplyConfig => format!("Configuration of cluster `{cluster}`: {nodes}"),
        }
    }

    fn why_nothing(&self) -> &'static str {
        match self {
            Self::Bootstrap { .. } | Self::ApplyConfig => "the cluster is as the inventory says",
            Self::AddNode { .. } => "they are part of the cluster, and it is whole",
            Self::RemoveNode { .. } => "they are no part of the cluster",
            Self::Recover { .. } => "a primary runs, and all nodes follow it",
            Self::Switchover { .. } | Self::Failover { .. } => "it is the primary already",
            Self::Restart { .. } => "there is no server to restart",
            Self::Stop { .. } => "it is stopped already",
            Self::Start { .. } => "what is to run runs, and follows the primary",
        }
    }

    fn gives_up(&self) -> Option<&'static str> {
        matches!(self, Self::Recover { forced: true, .. } | Self::Failover { forced: true, .. })
            .then_some("may discard commits")
    }
}

/// The nodes in a cluster, or the whole of it.
fn of(nodes: &[NodeName], cluster: &ClusterName) -> String {
    match nodes {
        [] => format!("cluster `{cluster}`"),
        nodes => {
            let nodes: Vec<_> = nodes.iter().map(NodeName::as_str).collect();
            format!("{} in cluster `{cluster}`", names(&nodes, "and"))
        }
    }
}
