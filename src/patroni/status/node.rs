//! How one data node is.

use std::fmt;

use serde::Serialize;

use crate::kernel::facts::Seen;
use crate::kernel::model::NodeName;
use crate::patroni::facts::{Answer, HostFacts, Live, Lsn, Timeline};
use crate::patroni::inventory::Node;
use crate::patroni::judge::Basis;

/// What a node is, by its own server's word.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum NodeRole {
    Primary,
    /// A commit waits for it, as the primary says.
    SyncStandby,
    Standby,
    /// It has data, and no server runs.
    Stopped,
    /// No server runs, and it has no data.
    NoData,
    /// A server runs there, and did not tell.
    NoAnswer,
    NotSeen,
}

impl fmt::Display for NodeRole {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Primary => "primary",
            Self::SyncStandby => "sync standby",
            Self::Standby => "standby",
            Self::Stopped => "stopped",
            Self::NoData => "no data",
            Self::NoAnswer => "no answer",
            Self::NotSeen => "not seen",
        })
    }
}

/// One data node.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct NodeStatus {
    pub node: NodeName,
    pub address: String,
    /// Why it was not seen.
    pub unseen: Option<String>,
    pub role: NodeRole,
    /// The primary streams to it.
    pub follows: bool,
    pub timeline: Option<Timeline>,
    /// The last byte of WAL that it has.
    pub position: Option<Lsn>,
    /// Bytes of WAL that the primary has written and it has not received; `None` on the primary, or where one of both
    /// positions is not known. The hosts are not asked in the same moment, so that some kilobytes mean nothing.
    pub behind: Option<u64>,
    /// The same of what it has replayed, so that queries see it.
    pub replay_behind: Option<u64>,
    /// The state in Patroni's own word, such as `running`; or `stopped`, or `no answer`.
    pub patroni: String,
    pub patroni_version: Option<String>,
    /// PostgreSQL's version.
    pub version: Option<String>,
    /// Its server has settings that wait for a restart.
    pub pending_restart: bool,
    /// Connections of clients.
    pub clients: Option<u64>,
}

/// `primary`: the server of the primary, where one is known.
pub(super) fn of(basis: &Basis<'_>, primary: Option<&Live>, node: &Node) -> NodeStatus {
    match basis.observation.nodes.get(&node.name) {
        Some(Seen::Facts(facts)) => seen(primary, node, facts),
        Some(Seen::Unreachable(why)) => unseen(node, why.to_string()),
        None => unseen(node, "it was not scanned".into()),
    }
}

fn unseen(node: &Node, why: String) -> NodeStatus {
    NodeStatus {
        node: node.name.clone(),
        address: node.address.to_string(),
        unseen: Some(why),
        role: NodeRole::NotSeen,
        follows: false,
        timeline: None,
        position: None,
        behind: None,
        replay_behind: None,
        patroni: "not seen".into(),
        patroni_version: None,
        version: None,
        pending_restart: false,
        clients: None,
    }
}

fn seen(primary: Option<&Live>, node: &Node, facts: &HostFacts) -> NodeStatus {
    let live = facts.live();
    let standby = live.filter(|live| live.in_recovery);
    let row = primary.into_iter().flat_map(|it| &it.standbys);
    let mut row = row.filter(|row| standby.is_some() && row.application_name == node.name.as_str());
    let row = row.find(|row| row.state.as_deref() == Some("streaming"));
    let is_sync = row.is_some_and(|row| matches!(row.sync_state.as_deref(), Some("sync" | "quorum")));
    let end = primary.and_then(|primary| primary.current);
    let behind = |position: Option<Lsn>| Some(end?.since(position?));
    let patroni = facts.patroni.node.told();
    NodeStatus {
        unseen: None,
        role: role(facts, live, is_sync),
        follows: row.is_some(),
        timeline: live.map(|live| live.timeline),
        position: live.and_then(Live::end),
        behind: standby.and_then(|live| behind(live.end())),
        replay_behind: standby.and_then(|live| behind(live.replayed)),
        patroni: match (&facts.patroni.node, facts.patroni_runs()) {
            (Answer::Told(told), _) => told.state.clone(),
            (_, true) => "no answer".into(),
            (_, false) => "stopped".into(),
        },
        patroni_version: patroni.map(|told| told.version.clone()),
        // Behind the number stands the package's own.
        version: live.map(|live| live.version.split(' ').next().unwrap_or_default().to_owned()),
        pending_restart: live.is_some_and(|live| !live.pending_restart.is_empty())
            || patroni.is_some_and(|told| told.pending_restart),
        clients: live.map(|live| live.clients),
        ..unseen(node, String::new())
    }
}

fn role(facts: &HostFacts, live: Option<&Live>, is_sync: bool) -> NodeRole {
    match live {
        Some(live) if !live.in_recovery => NodeRole::Primary,
        Some(_) if is_sync => NodeRole::SyncStandby,
        Some(_) => NodeRole::Standby,
        None if facts.server_runs() => NodeRole::NoAnswer,
        None if facts.datadir.is_blank() => NodeRole::NoData,
        None => NodeRole::Stopped,
    }
}
