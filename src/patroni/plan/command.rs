//! The commands that plans of a Patroni cluster are for.

use std::borrow::Cow;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::kernel::model::words::count;
use crate::kernel::model::{ClusterName, NodeName};
use crate::kernel::plan;
use crate::patroni::inventory::ENGINE;

/// The command that a plan is for.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Command {
    /// `founder`: whose initdb makes the cluster.
    Bootstrap { founder: NodeName },
}

impl plan::Command for Command {
    const ENGINE: &'static str = ENGINE;

    fn headline(&self, cluster: &ClusterName, nodes: usize, acts: &[Cow<'static, str>]) -> String {
        let Self::Bootstrap { founder } = self;
        let nodes = count(nodes, "node");
        match acts {
            [] => format!("Cluster `{cluster}`: {nodes}"),
            acts if acts.iter().any(|act| act == "found") => {
                format!("Bootstrap of cluster `{cluster}`: {nodes}, founded on {founder}")
            }
            _ => format!("Completing cluster `{cluster}`: {nodes}"),
        }
    }

    fn why_nothing(&self) -> &'static str {
        "the cluster is as the inventory says"
    }

    fn is_forced(&self) -> bool {
        false
    }
}
