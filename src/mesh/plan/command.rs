//! The commands that plans of a mesh are for.

use std::borrow::Cow;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::Wanted;
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
    /// Rows that differ become those of one node; `deletes`: some are there that this node does not have, and go.
    Repair { wanted: Wanted, deletes: bool },
    /// A file of statements on all nodes; `drops`: tables with their rows.
    Ddl { database: DatabaseName, text: String, drops: bool },
    /// Members become what the inventory says.
    ApplyConfig,
    /// Servers restart, one after the other. No names: all of them.
    Restart { nodes: Vec<NodeName> },
}

impl plan::Command for Command {
    const ENGINE: &'static str = ENGINE;

    fn headline(&self, cluster: &ClusterName, nodes: usize, acts: &[Cow<'static, str>]) -> String {
        let nodes = count(nodes, "node");
        let opens = acts.iter().any(|act| act.starts_with("open-"));
        match self {
            _ if acts.is_empty() => format!("Mesh `{cluster}`: {nodes}"),
            Self::Repair { wanted, .. } => {
                format!("Repair of mesh `{cluster}`: the others get rows of {}", wanted.from)
            }
            Self::Ddl { database, .. } => {
                format!("Statements for mesh `{cluster}`: {nodes}, database {database}")
            }
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
            Self::ApplyConfig => format!("Configuration of mesh `{cluster}`: {nodes}"),
            Self::Restart { nodes: named } if named.is_empty() => {
                format!("Rolling restart of mesh `{cluster}`: {nodes}")
            }
            Self::Restart { nodes: named } => {
                format!("Restart of {} in mesh `{cluster}`: {nodes}", names(named, "and"))
            }
        }
    }

    fn why_nothing(&self) -> &'static str {
        match self {
            Self::Bootstrap { .. } => "all nodes are members of the mesh",
            Self::AddNode { .. } => "they are members of the mesh",
            Self::Skip { .. } => "no transaction is in the way",
            Self::RemoveNode { .. } => "nothing of them is left in the mesh",
            Self::Ddl { .. } => "all nodes have it already",
            Self::Repair { .. } => "the nodes have the same rows",
            Self::ApplyConfig => "all members are as the inventory says",
            Self::Restart { .. } => "none of them is a member of the mesh",
        }
    }

    fn gives_up(&self) -> Option<&'static str> {
        let (gives_up, what) = match self {
            Self::Bootstrap { .. } | Self::AddNode { .. } | Self::ApplyConfig | Self::Restart { .. } => {
                (false, "")
            }
            Self::Skip { .. } => (true, "leaves a whole transaction out on one node"),
            Self::RemoveNode { given_up, .. } => {
                (!given_up.is_empty(), "may discard commits of a node that is out of reach")
            }
            Self::Repair { deletes, .. } => (*deletes, "deletes rows for good"),
            Self::Ddl { drops, .. } => (*drops, "drops tables with all their rows"),
        };
        gives_up.then_some(what)
    }
}
