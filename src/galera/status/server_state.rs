//! What a data node's server is doing, in a word.

use std::fmt;

use serde::{Serialize, Serializer};

use crate::galera::facts::{ClusterStatus, HostFacts, Live, LocalState};

/// The states that status and doctor tell apart.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ServerState {
    NotSeen,
    /// In a Primary component.
    Member(LocalState),
    /// It runs with wsrep on, outside any Primary component.
    WithoutPrimary(ClusterStatus),
    /// It runs with wsrep off.
    Outside,
    /// `remove-node` took it out of the cluster.
    Removed,
    Starting,
    NoAnswer,
    NotInstalled,
    Stopped,
    /// It hangs; this is what it was `seconds` ago.
    Old {
        was: Box<Self>,
        seconds: u64,
    },
}

impl ServerState {
    /// `live`: the answer of a server that has wsrep on.
    pub fn of(facts: &HostFacts, live: Option<&Live>) -> Self {
        match live {
            Some(live) if live.is_primary() => Self::Member(live.local_state.clone()),
            Some(live) => Self::WithoutPrimary(live.cluster_status.clone()),
            None if facts.live().is_some() => Self::Outside,
            None if facts.removed().is_some() && !facts.server_runs() => Self::Removed,
            None if facts.unit.active == "activating" => Self::Starting,
            None if facts.server_runs() => Self::NoAnswer,
            None if facts.server.is_none() => Self::NotInstalled,
            None => Self::Stopped,
        }
    }

    pub fn is_synced(&self) -> bool {
        matches!(self, Self::Member(local) if local.is_synced())
    }

    pub fn is_inconsistent(&self) -> bool {
        matches!(self, Self::Member(local) if local.is_inconsistent())
    }
}

impl fmt::Display for ServerState {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NotSeen => f.write_str("not seen"),
            Self::Member(local) => local.fmt(f),
            Self::WithoutPrimary(status) => status.fmt(f),
            Self::Outside => f.write_str("outside"),
            Self::Removed => f.write_str("removed"),
            Self::Starting => f.write_str("starting"),
            Self::NoAnswer => f.write_str("no answer"),
            Self::NotInstalled => f.write_str("not installed"),
            Self::Stopped => f.write_str("stopped"),
            Self::Old { was, seconds } => write!(f, "{was}, {seconds} s old"),
        }
    }
}

impl Serialize for ServerState {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}
