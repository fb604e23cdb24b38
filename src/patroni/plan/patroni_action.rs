//! Everything that galactl can do to a data node: data only.

use std::borrow::Cow;
use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::kernel::inventory::places::join;
use crate::kernel::model::NodeName;
use crate::kernel::model::words::names;
use crate::kernel::plan::{Action, PutFile};
use crate::patroni::facts::{Line, Lsn, SystemId, Timeline};

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(tag = "do", rename_all = "kebab-case")]
pub enum PatroniAction {
    /// Start the first Patroni, which makes the cluster, and wait until it is the primary. Only where no node has data
    /// and etcd has no key, which is asked again in the moment before.
    Found { patience_seconds: u64 },
    /// Stop the standalone server of the data directory in an orderly way, so that Debian does not start it any more, and
    /// put what Patroni needs beside its data. Only while no Patroni runs there, and the data are of this system.
    TakeOver {
        datadir: String,
        system_id: SystemId,
        /// The name of Debian's cluster, such as `main`; `None`: it is none of Debian's.
        cluster: Option<String>,
        /// Settings that initdb would have written, with the values that the server had.
        settings: BTreeMap<String, String>,
        /// Folders outside of the data directory. With others, or with a replication slot, it is not stopped.
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        tablespaces: Vec<String>,
    },
    /// Start the first Patroni on these data, and wait until it is the primary with all that they hold. Only where no other
    /// node has data and etcd has no key, which is asked again in the moment before.
    FoundFrom { system_id: SystemId, patience_seconds: u64 },
    /// Make Patroni's accounts at the primary, or give those that are there the inventory's passwords.
    Accounts,
    /// Start Patroni, and wait until the node streams from the primary.
    Join { leader: NodeName, patience_seconds: u64 },
    /// Stop Patroni and the server of its data directory, see that neither runs, and do not let Patroni start at boot.
    /// `only_as`: only while it is that.
    Stop {
        datadir: String,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        only_as: Option<StopAs>,
    },
    /// Let one of `to` take over from this primary, and wait until it leads on a new timeline and this node streams from
    /// it. The first of `to` that loses nothing is taken, which is asked in the moment before.
    Switchover { to: Vec<NodeName>, patience_seconds: u64 },
    /// Let Patroni rewind nobody any more (`use_pg_rewind` in its dynamic configuration), so that a node that comes back
    /// keeps what only it has.
    NoRewind,
    /// Promote this standby while nobody leads, and wait until it leads on a later timeline than this. Only while it is on
    /// it, and lacks no more bytes of WAL than `most` of what is known; `None`: nothing was known.
    Failover { timeline: Timeline, most: Option<u64>, patience_seconds: u64 },
    /// Restart the server through Patroni. Only while `nodes` are whole with so many synchronous standbys, and the step
    /// ends when they are so again. `primary`: in place. `again`: for the second time in this plan.
    Restart { primary: bool, again: bool, nodes: Vec<NodeName>, synchronous: usize, patience_seconds: u64 },
    /// Let Patroni read its file again, and wait until it has.
    Reload {
        /// What its server's own file of settings is to have then.
        settings: BTreeMap<String, String>,
    },
    /// Change Patroni's dynamic configuration, which etcd keeps for all nodes. `null` takes a value away.
    Configure { change: Value },
    /// See that each of `nodes` has the configuration that the inventory asks for, and waits for no restart.
    VerifySettings { nodes: Vec<NodeName> },
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

/// What a node is when it is stopped.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum StopAs {
    /// Others go on without it.
    Standby,
    /// It is the last one that runs, so that nobody takes over.
    LastPrimary,
}

impl Action for PatroniAction {
    fn slug(&self) -> Cow<'static, str> {
        Cow::Borrowed(match self {
            Self::Found { .. } | Self::FoundFrom { .. } => "found",
            Self::TakeOver { .. } => "take-over",
            Self::Accounts => "accounts",
            Self::Join { .. } => "join",
            Self::Stop { .. } => "stop",
            Self::Switchover { .. } => "switchover",
            Self::NoRewind => "no-rewind",
            Self::Failover { .. } => "failover",
            Self::Restart { again: false, .. } => "restart",
            Self::Restart { again: true, .. } => "restart-again",
            Self::Reload { .. } => "reload",
            Self::Configure { .. } => "configure",
            Self::VerifySettings { .. } => "verify-settings",
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
            Self::TakeOver { cluster, settings, .. } => take_over(cluster.as_deref(), settings),
            Self::FoundFrom { system_id, .. } => format!(
                "start patroni.service on its data, and wait until it is the primary of system {system_id} with all that they hold"
            ),
            Self::Accounts => {
                "make the accounts replicator and rewind_user, and set their passwords and that of postgres"
                    .into()
            }
            Self::Join { leader, .. } => {
                format!("start patroni.service, wake that of {leader}, and wait until it streams from there")
            }
            Self::Stop { only_as: None, .. } => {
                "stop patroni.service and its server; it stays stopped also after a boot".into()
            }
            Self::Stop { only_as: Some(StopAs::Standby), .. } => {
                "stop patroni.service and its server, a standby; it stays stopped also after a boot".into()
            }
            Self::Stop { only_as: Some(StopAs::LastPrimary), .. } => {
                "stop patroni.service and its server, the primary, alone; it stays stopped also after a boot"
                    .into()
            }
            Self::Switchover { to, .. } => match to.as_slice() {
                [to] => format!("switch over to {to}, and wait until it leads and this node streams from it"),
                to => format!(
                    "switch over to {}, whichever loses nothing then, and wait until this node streams from it",
                    names(&to.iter().map(NodeName::as_str).collect::<Vec<_>>(), "or")
                ),
            },
            Self::NoRewind => {
                "switch pg_rewind off for the whole cluster, in Patroni's dynamic configuration".into()
            }
            Self::Failover { timeline, .. } => {
                format!("let Patroni promote it, and wait until it leads on a later timeline than {timeline}")
            }
            Self::Restart { primary: true, .. } => {
                "restart its server through Patroni, the primary, and wait until the cluster is whole again"
                    .into()
            }
            Self::Restart { primary: false, .. } => {
                "restart its server through Patroni, and wait until the cluster is whole again".into()
            }
            Self::Reload { .. } => "reload patroni.service, and wait until it has read its file".into(),
            Self::Configure { change } => {
                format!("set in Patroni's dynamic configuration: {}", set(change, "").join(", "))
            }
            Self::VerifySettings { nodes } => {
                format!("see that {} have the inventory's settings, and wait for no restart", list(nodes))
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

fn take_over(cluster: Option<&str>, settings: &BTreeMap<String, String>) -> String {
    let whose = match cluster {
        Some(_) => "stop its server in an orderly way, which Debian does not start any more",
        None => "stop its server in an orderly way",
    };
    let settings: Vec<_> = settings.iter().map(|(name, value)| format!("{name} = {value}")).collect();
    match settings.as_slice() {
        [] => whose.to_owned(),
        settings => format!("{whose}; its data keep {}", settings.join(", ")),
    }
}

/// In words, with `and` before the last.
pub(super) fn list(nodes: &[NodeName]) -> String {
    names(&nodes.iter().map(NodeName::as_str).collect::<Vec<_>>(), "and")
}

/// Each value of a change with its path.
fn set(change: &Value, path: &str) -> Vec<String> {
    match change {
        Value::Object(map) => map.iter().flat_map(|(key, value)| set(value, &join(path, key))).collect(),
        Value::Null => vec![format!("{path} away")],
        value => vec![format!("{path}: {value}")],
    }
}
