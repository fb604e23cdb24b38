//! What Galera does not promise, counted: stale reads, and updates that are lost without an error.

use serde::Serialize;

/// Reads of one row on another node, right after its change was committed on the first.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
pub struct Reads {
    pub made: u64,
    /// Reads that gave the value before the commit.
    pub stale: u64,
}

/// Increments by clients of several nodes: each reads a value and writes the next.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
pub struct Increments {
    /// Increments whose commit was confirmed.
    pub confirmed: u64,
    /// Increments that a client gave up, or whose answer never came.
    pub open: u64,
    /// The value at the end.
    pub value: u64,
}

impl Increments {
    /// Confirmed increments that are certainly missing in the value.
    pub fn lost(self) -> u64 {
        self.confirmed.saturating_sub(self.value)
    }
}

/// The figures of `--check`.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
pub struct Checked {
    /// `wsrep_sync_wait = 0`, which is the default.
    pub reads: Reads,
    /// `wsrep_sync_wait = 1`.
    pub reads_with_wait: Reads,
    /// The value is read, and written in another statement of the same transaction.
    pub read_then_write: Increments,
    /// The same, read with `SELECT … FOR UPDATE`.
    pub read_for_update: Increments,
    /// `UPDATE … SET value = value + 1`.
    pub in_one_statement: Increments,
}

#[cfg(test)]
mod tests {
    use super::Increments;

    #[test]
    fn an_increment_that_is_open_is_not_lost() {
        assert_eq!(Increments { confirmed: 10, open: 2, value: 11 }.lost(), 0);
        assert_eq!(Increments { confirmed: 10, open: 2, value: 7 }.lost(), 3);
    }
}
