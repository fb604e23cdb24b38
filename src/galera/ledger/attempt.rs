//! One write, and what came of it.

use std::time::Duration;

/// A write of the ledger; times are counted from the ledger's beginning.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Attempt {
    /// The row's id.
    pub number: u64,
    pub at: Duration,
    pub took: Duration,
    pub outcome: Outcome,
}

/// What the writer knows of a write.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Outcome {
    /// The server has acknowledged the commit.
    Confirmed,
    /// The row is certainly not there; the reason.
    Failed(String),
    /// The answer never came, or does not say whether the row was committed; the message.
    Unknown(String),
}

/// Errors after which a statement that stands alone may have been committed all the same: an error in the middle of
/// the commit, a server that stops or a session that is killed meanwhile, and a row that is there already, which only a
/// proxy that repeats statements can have written.
const OPEN: [u16; 5] = [1180, 1053, 1317, 1927, 1062];

impl Outcome {
    /// What a server's error means for the row.
    pub fn of_server(code: u16, message: &str) -> Self {
        let said = format!("ERROR {code}: {message}");
        if OPEN.contains(&code) { Self::Unknown(said) } else { Self::Failed(said) }
    }
}
