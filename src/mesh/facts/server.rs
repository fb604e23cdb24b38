//! What a server tells of itself.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

use crate::postgresql::{Lsn, SystemId};

/// A server that answers.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Live {
    /// Such as `17.12`.
    pub version: String,
    pub in_recovery: bool,
    pub system_id: SystemId,
    /// Where its WAL ends; `None` in recovery.
    pub current: Option<Lsn>,
    /// The settings that matter to a mesh, as they are in effect.
    pub settings: BTreeMap<String, String>,
    /// The settings of which a mesh needs much, as the server has them without galactl's file.
    #[serde(default)]
    pub own: BTreeMap<String, String>,
    /// Who follows it as a physical standby, or may come back as one.
    #[serde(default)]
    pub standbys: Vec<String>,
    /// Settings that only take effect at a restart.
    #[serde(default)]
    pub at_restart: BTreeSet<String>,
    /// Settings that wait for a restart.
    pub pending_restart: Vec<String>,
    /// Users' databases with their bytes.
    pub databases: BTreeMap<String, u64>,
    /// The account for the other nodes is there.
    pub account: bool,
    pub slots: Vec<Slot>,
    pub senders: Vec<Sender>,
    /// When the oldest worker of pglogical that applies changes has started, in seconds since 1970.
    #[serde(default)]
    pub oldest_worker: Option<f64>,
    /// Prepared transactions, which no copy of a running server may cut in two.
    pub prepared: u64,
}

/// A row of `pg_replication_slots`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Slot {
    pub name: String,
    pub plugin: Option<String>,
    pub database: Option<String>,
    pub active: bool,
    /// How far its reader has it.
    pub confirmed: Option<Lsn>,
    /// reserved, extended, unreserved, lost.
    pub wal_status: Option<String>,
    /// Bytes that may still be written before the slot may lose WAL; `None` where there is no limit.
    pub safe_wal_size: Option<i64>,
    /// Bytes of WAL that it keeps.
    pub kept: Option<i64>,
}

impl Slot {
    /// WAL that its reader needs is gone.
    pub fn is_lost(&self) -> bool {
        self.wal_status.as_deref() == Some("lost")
    }
}

/// A row of `pg_stat_replication`: somebody who reads this server's changes.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Sender {
    pub application_name: String,
    /// The slot that it reads from. Readers of several databases have one name.
    #[serde(default)]
    pub slot: Option<String>,
    pub state: Option<String>,
    /// Seconds from a commit here to its being applied there, as measured last; `None` while nothing is sent.
    pub replay_lag: Option<f64>,
}
