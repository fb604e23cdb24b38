//! `wsrep_local_state_comment`: what a server does in its cluster.

use std::fmt;

use serde::{Deserialize, Serialize};

/// The server's own words, and galactl's where they leave something out. What galactl acts on is asked here; the words themselves change between releases
/// (`Joining`, `Joining: receiving State Transfer`).
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct LocalState(String);

/// The server's word for a donor, too, which ends by itself.
const BY_HAND: &str = "Desynced by hand";

impl LocalState {
    /// `desync`: `wsrep_desync` is ON. The server calls such a member a donor.
    pub fn told(words: &str, desync: bool) -> Self {
        let told = Self::from(words);
        if desync && told.is_donor() { Self(BY_HAND.to_owned()) } else { told }
    }

    /// Somebody has set `wsrep_desync`, and it stays so until it is set off again.
    pub fn is_desynced_by_hand(&self) -> bool {
        self.0 == BY_HAND
    }

    pub fn is_synced(&self) -> bool {
        self.0 == "Synced"
    }

    /// It gives a joiner its data.
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

#[cfg(test)]
mod tests {
    use super::LocalState;

    #[test]
    fn a_member_that_was_desynced_by_hand_is_no_donor() {
        let told = |words, desync| {
            let state = LocalState::told(words, desync);
            (state.is_donor(), state.is_desynced_by_hand(), state.is_synced())
        };
        assert_eq!(told("Donor/Desynced", true), (false, true, false));
        assert_eq!(told("Donor/Desynced", false), (true, false, false));
        // It is set off just now.
        assert_eq!(told("Synced", true), (false, false, true));
    }
}
