//! What a data node's server is doing, in a word.

use std::fmt;

use serde::{Serialize, Serializer};

use crate::galera::facts::{ClusterStatus, HostFacts, Live, LocalState, NoAnswer, ServerAnswer};

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
    /// It runs, but does not answer the question for its state.
    NoAnswer,
    /// Like [`Self::NoAnswer`], because root cannot log in.
    NoLogin,
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
            None if facts.unit.is_activating() => Self::Starting,
            None if facts.server_runs() => match &facts.server_answer {
                ServerAnswer::Refused(NoAnswer::Denied(_)) => Self::NoLogin,
                _ => Self::NoAnswer,
            },
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

    pub fn is_desynced_by_hand(&self) -> bool {
        matches!(self, Self::Member(local) if local.is_desynced_by_hand())
    }

    /// The server could not be asked, so it may be in a Primary component.
    pub fn is_unknown(&self) -> bool {
        match self {
            Self::NotSeen | Self::NoAnswer | Self::NoLogin => true,
            Self::Old { was, .. } => was.is_unknown(),
            _ => false,
        }
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
            Self::NoLogin => f.write_str("no login"),
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
