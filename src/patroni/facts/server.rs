//! What a running PostgreSQL says of itself.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::hba::HbaRule;
use crate::postgresql::{Lsn, SystemId, Timeline};

/// What a standby waits for that has replayed all that it has.
const FOR_MORE: [&str; 2] = ["RecoveryRetrieveRetryInterval", "RecoveryWalStream"];

/// The answers of a server to the account `postgres` over its socket.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Live {
    /// `server_version`, such as `15.20 (Debian 15.20-0+deb12u1)`.
    pub version: String,
    pub in_recovery: bool,
    pub system_id: SystemId,
    /// Of a primary, that of the WAL it writes; of a standby, that of what it receives, or else of its last
    /// restart point.
    pub timeline: Timeline,
    /// A primary's end of WAL (`pg_current_wal_lsn`).
    pub current: Option<Lsn>,
    /// A standby's last byte on disk (`pg_last_wal_receive_lsn`). Empty where it never streamed since its start.
    pub received: Option<Lsn>,
    pub replayed: Option<Lsn>,
    pub replay_paused: bool,
    /// What the process that replays WAL waits for, as `pg_stat_activity` names it: empty while it works. `None`: there is
    /// none, or nobody asked.
    #[serde(default)]
    pub replay_waits: Option<String>,
    /// Seconds since the server started.
    pub uptime: u64,
    /// Connections of clients, galactl's and Patroni's own left out.
    pub clients: u64,
    pub standbys: Vec<Standby>,
    pub slots: Vec<Slot>,
    pub receiver: Option<WalReceiver>,
    pub synchronous_standby_names: String,
    /// Settings that wait for a restart.
    pub pending_restart: Vec<String>,
    /// Settings that this server takes only when it starts, those of its extensions too.
    #[serde(default)]
    pub at_start: Vec<String>,
    /// Settings that matter to a cluster, as the server shows them.
    pub settings: BTreeMap<String, String>,
    /// Accounts of proofs of an endpoint that were cut off.
    #[serde(default)]
    pub endpoint_proofs: u64,
    /// Who may connect, in the order in which the server asks.
    #[serde(default)]
    pub hba: Vec<HbaRule>,
    /// Accounts whose password is kept as an MD5 hash: they cannot log in by `scram-sha-256`.
    #[serde(default)]
    pub md5_accounts: Vec<String>,
    /// Those of Patroni's three accounts that are there; `None` where the server was not asked.
    #[serde(default)]
    pub accounts: Option<Vec<Rights>>,
    /// Databases but `postgres` and the templates; `None` where they were not counted in time.
    #[serde(default)]
    pub databases: Option<Vec<Database>>,
    /// Tables and other relations that somebody made in the database `postgres`; `None` as for `databases`.
    #[serde(default)]
    pub relations_in_postgres: Option<u64>,
}

impl Live {
    /// The last byte of WAL that this server has.
    pub fn end(&self) -> Option<Lsn> {
        match self.in_recovery {
            true => self.received.max(self.replayed),
            false => self.current,
        }
    }

    /// It was restarted, has received nothing since, and has more WAL on its disk than it has replayed, or may have: the
    /// server does not tell where that ends. Once it has replayed all, it waits for more. One that has tried to receive
    /// tells the beginning of a segment as what it has received.
    pub fn still_replays(&self) -> bool {
        let waits_for_more = |wait: &String| FOR_MORE.contains(&wait.as_str());
        self.in_recovery
            && self.received <= self.replayed
            && self.replay_waits.as_ref().is_some_and(|wait| !waits_for_more(wait))
    }
}

/// An account and what it may do, as far as it matters to Patroni.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[allow(clippy::struct_excessive_bools, reason = "each is an attribute of pg_authid")]
pub struct Rights {
    pub name: String,
    pub login: bool,
    pub replication: bool,
    pub superuser: bool,
    /// It has a password that is kept for `scram-sha-256`.
    pub scram: bool,
}

/// A row of `pg_stat_replication`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Standby {
    pub application_name: String,
    pub client_addr: Option<String>,
    /// startup, catchup, streaming, backup, stopping.
    pub state: Option<String>,
    /// async, potential, sync, quorum.
    pub sync_state: Option<String>,
    pub sent: Option<Lsn>,
    pub flushed: Option<Lsn>,
    pub replayed: Option<Lsn>,
}

/// A row of `pg_replication_slots`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Slot {
    pub name: String,
    /// physical, logical.
    pub kind: String,
    pub active: bool,
    pub restart: Option<Lsn>,
    /// reserved, extended, unreserved, lost.
    pub wal_status: Option<String>,
    /// Bytes that may still be written before the slot may lose WAL; `None` where there is no limit.
    pub safe_wal_size: Option<i64>,
}

/// The row of `pg_stat_wal_receiver`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct WalReceiver {
    /// starting, streaming, waiting, restarting, stopping.
    pub status: String,
    pub received_timeline: Option<Timeline>,
    pub flushed: Option<Lsn>,
    pub latest_end: Option<Lsn>,
    pub sender_host: Option<String>,
    pub slot: Option<String>,
}

/// A user's database.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Database {
    pub name: String,
    pub bytes: u64,
}
