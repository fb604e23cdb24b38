//! The data directory (PGDATA).

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::control::ControlData;
use super::history::History;
use crate::kernel::facts::Answer;
use crate::postgresql::{SystemId, Timeline};

/// The data directory that the inventory gives this node.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[allow(clippy::struct_excessive_bools, reason = "each is a file that is there or not")]
pub struct Datadir {
    pub path: String,
    pub contents: Contents,
    /// Why what belongs there may not be there to be seen: a file system that is not mounted, an error in
    /// reading it. `None` where a cluster is there.
    pub missing: Option<String>,
    /// It is a file system of its own.
    pub mount_point: bool,
    /// Octal permissions and owner, such as `700 postgres`; empty where it is absent.
    pub owner: String,
    /// Apparent bytes of all files in it; `None` where they were not counted in time.
    pub bytes: Option<u64>,
    /// Free bytes of its file system, or of that on which it would be made.
    pub free: u64,
    /// Bytes of that file system; `None` where the host did not tell.
    #[serde(default)]
    pub size: Option<u64>,
    /// `Nobody` where there is no cluster in it.
    pub control: Answer<ControlData>,
    pub standby_signal: bool,
    pub recovery_signal: bool,
    /// It is a copy that was never recovered, or a base backup is being made.
    pub backup_label: bool,
    /// The process id in `postmaster.pid`: a server runs, or was killed.
    pub postmaster_pid: Option<u32>,
    /// History files in `pg_wal`. One that cannot be read has its reason.
    pub histories: BTreeMap<Timeline, Answer<History>>,
    /// The first records of the newest timelines, as pg_waldump prints them. Two nodes whose records differ were
    /// promoted apart, also where the number is the same. Those whose WAL is gone are not there, nor timeline 1.
    pub first_records: BTreeMap<Timeline, String>,
    /// The WAL file with the highest name.
    pub newest_wal: Option<WalFile>,
    /// Patroni's copy of the dynamic configuration: Patroni has worked here.
    pub patroni_dynamic: bool,
    /// Data directories that were kept beside this one: galactl's `PATH.kept-…`, and Patroni's `PATH.failed`. One that is
    /// in use is among them, too: ask [`super::HostFacts::kept_aside`].
    pub kept: Vec<String>,
}

/// What is in it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Contents {
    Absent,
    Empty,
    /// A cluster of this major version, as PG_VERSION tells.
    Cluster(String),
    /// Files, and no PG_VERSION among them: the first of their names.
    Other(Vec<String>),
    /// It could not be read; why.
    Unreadable(String),
}

/// A file of `pg_wal`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct WalFile {
    pub timeline: Timeline,
    /// 24 hexadecimal digits.
    pub name: String,
}

impl Datadir {
    /// Nothing of anybody is in it, and nothing may be hidden.
    pub fn is_blank(&self) -> bool {
        matches!(self.contents, Contents::Absent | Contents::Empty) && self.missing.is_none()
    }

    pub fn holds_cluster(&self) -> bool {
        matches!(self.contents, Contents::Cluster(_))
    }

    /// The major version of the cluster in it.
    pub fn version(&self) -> Option<&str> {
        match &self.contents {
            Contents::Cluster(version) => Some(version),
            _ => None,
        }
    }

    pub fn system_id(&self) -> Option<&SystemId> {
        self.control.told().map(|control| &control.system_id)
    }

    /// The newest timeline of which a trace is there: of the last checkpoint, the newest WAL file, and the
    /// history files.
    pub fn newest_timeline(&self) -> Option<Timeline> {
        let control = self.control.told().map(|control| control.timeline);
        let wal = self.newest_wal.as_ref().map(|file| file.timeline);
        control.into_iter().chain(wal).chain(self.histories.keys().copied()).max()
    }

    /// The ancestors of a timeline; `None` where its file is not there or cannot be read. Timeline 1 has none.
    pub fn history(&self, timeline: Timeline) -> Option<History> {
        match self.histories.get(&timeline) {
            Some(told) => told.told().cloned(),
            None => (timeline == Timeline::FIRST).then(History::default),
        }
    }
}
