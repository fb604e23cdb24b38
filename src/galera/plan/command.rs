//! The commands that plans of a Galera cluster are for.

use std::borrow::Cow;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::galera::alter::{Change, Forecast, Table, Way};
use crate::kernel::model::words::count;
use crate::kernel::model::{ClusterName, NodeName};
use crate::kernel::plan;

/// Slugs of the steps after which there is a Primary component where there was none. The plan of a cluster
/// that stands already is no bootstrap of it.
const FOUNDING: [&str; 2] = ["new-cluster", "restore-primary"];

/// The command that a plan is for.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Command {
    Bootstrap {
        seed: NodeName,
    },
    AddNode {
        nodes: Vec<NodeName>,
    },
    /// `unseen`: those of them that may be out of reach.
    RemoveNode {
        nodes: Vec<NodeName>,
        unseen: Vec<NodeName>,
        drain_seconds: u64,
    },
    ApplyConfig {
        allow_sst: bool,
        /// Restart the nodes also for settings that a running server takes.
        restart: bool,
        /// It is the first of two rounds in which TLS is switched, and the same command has to run again.
        #[serde(default, skip_serializing_if = "std::ops::Not::not")]
        first_round: bool,
    },
    RemoveArbitrators {
        arbitrators: Vec<NodeName>,
    },
    /// No nodes: all of them.
    Restart {
        nodes: Vec<NodeName>,
        allow_sst: bool,
    },
    /// No nodes: all of them.
    Stop {
        nodes: Vec<NodeName>,
    },
    /// No nodes: all of them.
    Start {
        nodes: Vec<NodeName>,
    },
    /// `by`: the way that the user named. `forecast`: what the user agreed to.
    Alter {
        table: Table,
        change: Change,
        by: Option<Way>,
        longest_stall_ms: u64,
        forecast: Forecast,
    },
    /// `forced`: it needs the cluster's name, typed by the user.
    Recover {
        seed: Option<NodeName>,
        keep_aside: bool,
        forced: bool,
    },
}

impl plan::Command for Command {
    const ENGINE: &'static str = crate::galera::inventory::ENGINE;

    fn headline(&self, cluster: &ClusterName, nodes: usize, acts: &[Cow<'static, str>]) -> String {
        match self {
            Self::Bootstrap { seed } => {
                let what = match acts {
                    [] => "Cluster",
                    acts if acts.iter().any(|act| FOUNDING.contains(&&**act)) => "Bootstrap of cluster",
                    _ => "Completing cluster",
                };
                format!("{what} `{cluster}`: {}, seed {seed}", count(nodes, "node"))
            }
            Self::AddNode { nodes: names } => {
                let names: Vec<_> = names.iter().map(ToString::to_string).collect();
                format!("Adding {} to cluster `{cluster}`", names.join(", "))
            }
            Self::RemoveNode { nodes: names, .. } => {
                format!("Removing {} from cluster `{cluster}`", all_or(names))
            }
            Self::RemoveArbitrators { arbitrators } => {
                format!("Removing {} from cluster `{cluster}`", all_or(arbitrators))
            }
            Self::Recover { seed: Some(seed), forced: true, .. } => {
                format!("Recovery of cluster `{cluster}`, FORCED from {seed}")
            }
            Self::Recover { .. } => format!("Recovery of cluster `{cluster}`"),
            Self::Restart { nodes: names, .. } => {
                format!("Restart of {} of cluster `{cluster}`", all_or(names))
            }
            Self::Stop { nodes: names } => format!("Stop of {} of cluster `{cluster}`", all_or(names)),
            Self::Start { nodes: names } => format!("Start of {} of cluster `{cluster}`", all_or(names)),
            Self::Alter { table, change, .. } => {
                format!("Changing table {table} of cluster `{cluster}`: {change}")
            }
            Self::ApplyConfig { .. } => format!("Changing the configuration of cluster `{cluster}`"),
        }
    }

    fn why_nothing(&self) -> &'static str {
        match self {
            Self::RemoveNode { .. } => "that was done already",
            Self::Alter { .. } => "the table is like that already",
            _ => "the cluster stands as the inventory says",
        }
    }

    fn gives_up(&self) -> Option<&'static str> {
        matches!(self, Self::Recover { forced: true, .. }).then_some("may discard commits")
    }
}

fn all_or(nodes: &[NodeName]) -> String {
    match nodes {
        [] => "all nodes".into(),
        nodes => nodes.iter().map(ToString::to_string).collect::<Vec<_>>().join(", "),
    }
}
