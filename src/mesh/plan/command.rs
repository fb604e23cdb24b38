//! The commands that plans of a mesh are for.

use std::borrow::Cow;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::kernel::model::words::{count, names};
use crate::kernel::model::{ClusterName, NodeName};
use crate::kernel::plan;
use crate::mesh::inventory::ENGINE;
use crate::mesh::model::DatabaseName;

/// The command that a plan is for.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Command {
    /// `seed`: whose data become those of all, or that of the members which the others copy.
    Bootstrap { seed: NodeName },
    /// Nodes of the inventory come to the mesh.
    AddNode { nodes: Vec<NodeName> },
    /// Nodes leave the mesh. `unseen`: those that may be out of reach. `given_up`: members among them whose last changes nobody
    /// can ask for.
    RemoveNode { nodes: Vec<NodeName>, unseen: Vec<NodeName>, given_up: Vec<NodeName> },
    /// A node leaves a transaction of another one out, which it cannot apply.
    Skip { node: NodeName, from: NodeName, database: Option<DatabaseName> },
}

impl plan::Command for Command {
    const ENGINE: &'static str = ENGINE;

    fn headline(&self, cluster: &ClusterName, nodes: usize, acts: &[Cow<'static, str>]) -> String {
        let nodes = count(nodes, "node");
        let opens = acts.iter().any(|act| act.starts_with("open-"));
        match self {
            _ if acts.is_empty() => format!("Mesh `{cluster}`: {nodes}"),
            Self::Bootstrap { seed } if opens => {
                format!("Bootstrap of mesh `{cluster}`: {nodes}, from {seed}")
            }
            Self::Bootstrap { .. } => format!("Completing mesh `{cluster}`: {nodes}"),
            Self::AddNode { nodes: added } => {
                format!("Adding {} to mesh `{cluster}`: {nodes}", names(added, "and"))
            }
            Self::Skip { node, from, .. } => {
                format!("Leaving out a transaction of {from} on {node}, in mesh `{cluster}`")
            }
            Self::RemoveNode { nodes: gone, .. } => {
                format!("Removing {} from mesh `{cluster}`: {nodes}", names(gone, "and"))
            }
        }
    }

    fn why_nothing(&self) -> &'static str {
        match self {
            Self::Bootstrap { .. } => "all nodes are members of the mesh",
            Self::AddNode { .. } => "they are members of the mesh",
            Self::Skip { .. } => "no transaction is in the way",
            Self::RemoveNode { .. } => "nothing of them is left in the mesh",
        }
    }

    fn is_forced(&self) -> bool {
        match self {
            Self::Bootstrap { .. } | Self::AddNode { .. } => false,
            Self::Skip { .. } => true,
            Self::RemoveNode { given_up, .. } => !given_up.is_empty(),
        }
    }
}
