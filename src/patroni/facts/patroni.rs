//! What Patroni says of itself and of its cluster over its REST API.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::history::Switch;
use crate::kernel::facts::Answer;
use crate::postgresql::{Lsn, SystemId, Timeline};

/// The answers of the Patroni on one node. It answers while etcd does not.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct PatroniFacts {
    /// `/patroni`.
    pub node: Answer<PatroniNode>,
    /// `/cluster`: what its store says of all members.
    pub cluster: Answer<PatroniCluster>,
    /// `/config`: the dynamic configuration.
    pub config: Answer<Value>,
    /// `/history`: the switches of timelines that a leader wrote down.
    pub history: Answer<Vec<Switch>>,
}

/// A node, as its own Patroni sees it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[allow(clippy::struct_excessive_bools, reason = "each is a word of Patroni's answer")]
pub struct PatroniNode {
    /// running, starting, stopped, start failed, crashed, stopping … `running` is no proof of health.
    pub state: String,
    pub role: Role,
    /// Patroni's version.
    pub version: String,
    pub scope: String,
    /// `None` where postgres does not run.
    pub system_id: Option<SystemId>,
    pub timeline: Option<Timeline>,
    /// A primary's end of WAL.
    pub location: Option<Lsn>,
    pub received: Option<Lsn>,
    pub replayed: Option<Lsn>,
    /// streaming, in archive recovery; `None` before Patroni 4 and on a primary.
    pub replication_state: Option<String>,
    pub sync_standby: bool,
    /// Automatic failover is switched off for the whole cluster.
    pub paused: bool,
    pub pending_restart: bool,
    /// When the last transaction was committed that it has replayed, by the clock of the primary of that time; in
    /// Patroni's words, `2026-11-29 19:50:14.573149+00:00`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub replayed_at: Option<String>,
    /// A primary that does not reach etcd goes on, and asks this node for its consent (`failsafe_mode`).
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub failsafe_active: bool,
    /// Nobody holds the leader key, as far as this node knows.
    pub cluster_unlocked: bool,
    /// When it last heard of its store: seconds since the epoch.
    pub dcs_last_seen: Option<u64>,
    pub tags: BTreeMap<String, Value>,
}

/// A role, in one spelling for all versions of Patroni.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Role {
    /// `leader`, `master` (before Patroni 4), `primary`.
    Primary,
    Replica,
    SyncStandby,
    QuorumStandby,
    StandbyLeader,
    Uninitialized,
    #[serde(untagged)]
    Other(String),
}

impl Role {
    /// Reads the words of every version from 3.0.
    pub fn parse(word: &str) -> Self {
        match word {
            "leader" | "master" | "primary" => Self::Primary,
            "replica" => Self::Replica,
            "sync_standby" => Self::SyncStandby,
            "quorum_standby" => Self::QuorumStandby,
            "standby_leader" => Self::StandbyLeader,
            "uninitialized" => Self::Uninitialized,
            other => Self::Other(other.to_owned()),
        }
    }
}

/// All members, as the store has them.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct PatroniCluster {
    pub members: Vec<ClusterMember>,
    pub paused: bool,
    /// A switchover that was ordered for later, as Patroni tells it.
    pub scheduled_switchover: Option<Value>,
}

impl PatroniCluster {
    /// The member that holds the leader key.
    pub fn leader(&self) -> Option<&ClusterMember> {
        self.members.iter().find(|member| matches!(member.role, Role::Primary | Role::StandbyLeader))
    }
}

/// A line of `patronictl list`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ClusterMember {
    pub name: String,
    pub role: Role,
    /// running, streaming (from Patroni 4), starting, stopped …
    pub state: String,
    pub host: Option<String>,
    pub port: Option<u16>,
    pub timeline: Option<Timeline>,
    /// Bytes behind the leader; `None` where Patroni does not know.
    pub lag: Option<u64>,
    pub pending_restart: bool,
}
