//! `wsrep_local_state_comment`: what a server does in its cluster.

use std::fmt;

use serde::{Deserialize, Serialize};

/// The server's own words. What galactl acts on is asked here; the words themselves change between releases
/// (`Joining`, `Joining: receiving State Transfer`).
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct LocalState(String);

impl LocalState {
    pub fn is_synced(&self) -> bool {
        self.0 == "Synced"
    }

    /// It gives a joiner its data, or somebody has set `wsrep_desync`.
    pub fn is_donor(&self) -> bool {
        self.0.starts_with("Donor")
    }

    /// It takes part, and is not up to date yet: Joining or Joined.
    pub fn is_joining(&self) -> bool {
        self.0.starts_with("Join")
    }

    /// The cluster has found that its data is not the others', and it has left.
    pub fn is_inconsistent(&self) -> bool {
        self.0 == "Inconsistent"
    }
}

impl From<&str> for LocalState {
    fn from(words: &str) -> Self {
        Self(words.to_owned())
    }
}

impl fmt::Display for LocalState {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}
