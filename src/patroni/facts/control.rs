//! What `pg_controldata` tells of a data directory.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::postgresql::{Lsn, SystemId, Timeline};

/// `global/pg_control`, as the server last wrote it. It does not tell where the WAL ends: `recover.sh` does.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ControlData {
    pub system_id: SystemId,
    pub state: DataState,
    /// The latest checkpoint's own place.
    pub checkpoint: Lsn,
    /// Where a crash recovery would begin to read.
    pub redo: Lsn,
    /// The latest checkpoint's timeline. The data may be further, on a later one.
    pub timeline: Timeline,
    /// `Time of latest checkpoint`, as the host's `LC_ALL=C` prints it.
    pub checkpoint_time: String,
    /// A standby's data is consistent only from here on; `None` on a primary.
    pub min_recovery_end: Option<Lsn>,
    pub min_recovery_timeline: Option<Timeline>,
    /// Data pages carry checksums. These or `wal_log_hints` make pg_rewind possible.
    pub checksums: bool,
    pub wal_log_hints: bool,
    pub wal_level: String,
    /// Bytes of a WAL file.
    pub wal_segment: u64,
}

/// `Database cluster state`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum DataState {
    StartingUp,
    ShutDown,
    ShutDownInRecovery,
    ShuttingDown,
    InCrashRecovery,
    InArchiveRecovery,
    InProduction,
    #[serde(untagged)]
    Other(String),
}

impl DataState {
    /// Reads pg_controldata's words (`dbState` in src/bin/pg_controldata/pg_controldata.c).
    pub fn parse(words: &str) -> Self {
        match words {
            "starting up" => Self::StartingUp,
            "shut down" => Self::ShutDown,
            "shut down in recovery" => Self::ShutDownInRecovery,
            "shutting down" => Self::ShuttingDown,
            "in crash recovery" => Self::InCrashRecovery,
            "in archive recovery" => Self::InArchiveRecovery,
            "in production" => Self::InProduction,
            other => Self::Other(other.to_owned()),
        }
    }

    /// The server ended in an orderly way: nothing lies behind the last checkpoint but what pg_control tells.
    pub fn is_clean(&self) -> bool {
        matches!(self, Self::ShutDown | Self::ShutDownInRecovery)
    }
}

impl fmt::Display for DataState {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::StartingUp => "starting up",
            Self::ShutDown => "shut down",
            Self::ShutDownInRecovery => "shut down in recovery",
            Self::ShuttingDown => "shutting down",
            Self::InCrashRecovery => "in crash recovery",
            Self::InArchiveRecovery => "in archive recovery",
            Self::InProduction => "in production",
            Self::Other(words) => words,
        })
    }
}
