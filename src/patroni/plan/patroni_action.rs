//! Everything that galactl can do to a data node: data only.

use std::borrow::Cow;
use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::kernel::model::NodeName;
use crate::kernel::model::words::names;
use crate::kernel::plan::{Action, PutFile};
use crate::patroni::facts::{Line, Lsn};

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(tag = "do", rename_all = "kebab-case")]
pub enum PatroniAction {
    /// Start the first Patroni, which makes the cluster, and wait until it is the primary. Only where no node has data
    /// and etcd has no key, which is asked again in the moment before.
    Found { patience_seconds: u64 },
    /// Start Patroni, and wait until the node streams from the primary.
    Join { leader: NodeName, patience_seconds: u64 },
    /// Stop Patroni and the server of its data directory, and see that neither runs.
    Stop { datadir: String },
    /// Stop Patroni with its server, see that neither runs, and do not let it start at boot.
    Leave { datadir: String },
    /// Let Patroni read its file, and wait until the server lets in who is on its list: `nodes`, and clients.
    Reload { nodes: Vec<NodeName> },
    /// Start Patroni on this node alone, and wait until it is the primary with its own history. Only where nothing else
    /// runs and each node's WAL ends where the plan says, which is asked again in the moment before. `unseen`: nodes
    /// that the user has given up.
    StartFirst { line: Line, ends: BTreeMap<NodeName, Lsn>, unseen: Vec<NodeName>, patience_seconds: u64 },
    /// See that Patroni's dynamic configuration lets commits wait as the inventory says, and set it where it does not.
    Synchronous { wanted: BTreeMap<String, Value> },
    /// Move the data directory away, which is never deleted. Only where no server and no Patroni runs.
    KeepAside { datadir: String, kept: String },
    /// See that each of `nodes` is in the cluster by its own word, and that as many standbys are synchronous as are
    /// wanted.
    VerifyMembers { nodes: Vec<NodeName>, synchronous: usize },
    /// Write a row at the primary, and read it on each of `nodes`.
    VerifyWrites { nodes: Vec<NodeName> },
}

impl Action for PatroniAction {
    fn slug(&self) -> Cow<'static, str> {
        Cow::Borrowed(match self {
            Self::Found { .. } => "found",
            Self::Join { .. } => "join",
            Self::Stop { .. } => "stop",
            Self::Leave { .. } => "leave",
            Self::Reload { .. } => "reload",
            Self::StartFirst { .. } => "start-first",
            Self::Synchronous { .. } => "synchronous",
            Self::KeepAside { .. } => "keep-aside",
            Self::VerifyMembers { .. } => "verify-members",
            Self::VerifyWrites { .. } => "verify-writes",
        })
    }

    fn summary(&self) -> String {
        match self {
            Self::Found { .. } => {
                "start patroni.service, which makes the cluster, and wait until it is the primary".into()
            }
            Self::Join { leader, .. } => {
                format!("start patroni.service, and wait until it streams from {leader}")
            }
            Self::Stop { .. } => "stop patroni.service and its server".into(),
            Self::Leave { .. } => {
                "stop patroni.service and its server, which do not start at boot any more".into()
            }
            Self::Reload { nodes } => {
                format!("reload patroni.service, and wait until its server lets {} in", list(nodes))
            }
            Self::StartFirst { line, .. } => format!(
                "start patroni.service alone, and wait until it is the primary with all of timeline {} up to {}",
                line.timeline, line.end
            ),
            Self::Synchronous { wanted } => {
                let wanted: Vec<_> = wanted.iter().map(|(key, value)| format!("{key}: {value}")).collect();
                format!("see that Patroni's configuration has {}, and set it otherwise", wanted.join(", "))
            }
            Self::KeepAside { datadir, kept } => format!("move {datadir} to {kept}"),
            Self::VerifyMembers { nodes, synchronous } => {
                let standbys = match synchronous {
                    0 => String::new(),
                    1 => ", and that one standby is synchronous".into(),
                    many => format!(", and that {many} standbys are synchronous"),
                };
                format!("ask {} by their own word whether they are one cluster{standbys}", list(nodes))
            }
            Self::VerifyWrites { nodes } => {
                format!("write a row at the primary and read it on {}", list(nodes))
            }
        }
    }

    fn file(&self) -> Option<&PutFile> {
        None
    }
}

fn list(nodes: &[NodeName]) -> String {
    names(&nodes.iter().map(NodeName::as_str).collect::<Vec<_>>(), "and")
}
