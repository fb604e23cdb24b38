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
    /// Slots whose reader has soon confirmed all that was committed here at the beginning of the look, each with the seconds that it
    /// took.
    #[serde(default)]
    pub confirmed_after: BTreeMap<String, f64>,
    /// `None`: the server does not know when its transactions were committed.
    #[serde(default)]
    pub commits: Option<Commits>,
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

/// When the newest transactions of a server were committed, in seconds since 1970. One that was applied has the time at which the
/// node that it came from has committed it.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Commits {
    /// The server's clock.
    pub now: f64,
    /// The newest one that was not applied, but written here.
    pub newest: Option<f64>,
    /// Moments in which nothing was written here: from the last commit before to the first one after it, the newest last.
    pub pauses: Vec<(f64, f64)>,
    /// The newest one that was applied of each replication origin.
    pub applied: BTreeMap<String, f64>,
    /// Of each slot a commit that its reader has confirmed, though seldom the newest one.
    pub confirmed: BTreeMap<String, f64>,
}

impl Commits {
    /// The age of the oldest commit after this one; zero: there is none.
    pub fn age_after(&self, last: f64) -> f64 {
        if self.newest.is_none_or(|newest| newest <= last) {
            return 0.0;
        }
        let pause = self.pauses.iter().find(|(since, until)| (*since..*until).contains(&last));
        (self.now - pause.map_or(last, |(_, until)| *until)).max(0.0)
    }
}
