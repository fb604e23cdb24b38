//! Statements of a log → the transactions that changed many rows.

use std::collections::BTreeMap;

use serde::Serialize;

use super::statement::{Change, What, what};
use super::{Log, Logged};
use crate::galera::lint::name::Name;

/// Transactions that changed many rows, most of them in this table by such statements.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Large {
    pub log: Log,
    /// The table, or the procedure that was called.
    #[serde(skip)]
    pub name: Name,
    /// `UPDATE`, `CALL` …
    pub verb: &'static str,
    /// Of the largest of them.
    pub rows: u64,
    /// It has changed more rows, maybe: the log does not tell those of each statement.
    pub at_least: bool,
    /// Statements of the largest.
    pub statements: u64,
    /// How many there were.
    pub times: u64,
}

/// A connection.
#[derive(Debug, Default)]
struct Session {
    /// It has begun a transaction.
    begun: bool,
    no_autocommit: bool,
    changes: BTreeMap<(Name, &'static str), u64>,
    rows: u64,
    statements: u64,
    at_least: bool,
}

/// Transactions of `limit` rows and more. Without `whole`, the log has single statements, and each counts alone.
pub fn large(log: Log, statements: &[Logged], limit: u64, whole: bool) -> Vec<Large> {
    let (mut sessions, mut found) = (BTreeMap::<u64, Session>::new(), BTreeMap::new());
    for logged in statements {
        let session = sessions.entry(logged.thread).or_default();
        match what(&logged.text, &logged.database) {
            What::Begin => {
                session.end(log, limit, &mut found);
                session.begun = true;
            }
            What::Commit => session.end(log, limit, &mut found),
            What::Rollback => session.forget(),
            What::Autocommit(on) => {
                if on {
                    session.end(log, limit, &mut found);
                }
                session.no_autocommit = !on;
            }
            What::Change(change) => {
                let commits = change.commits || !whole || !(session.begun || session.no_autocommit);
                session.add(change, logged.rows);
                if commits {
                    session.end(log, limit, &mut found);
                }
            }
            What::Other => {}
        }
    }
    found.into_values().collect()
}

type Found = BTreeMap<(Name, &'static str), Large>;

impl Session {
    fn add(&mut self, change: Change, rows: Option<u64>) {
        let told = rows.or(change.rows);
        // One that is not told is one at least.
        let rows = told.unwrap_or(1);
        self.at_least |= told.is_none();
        self.rows += rows;
        self.statements += 1;
        *self.changes.entry((change.name, change.verb)).or_default() += rows;
    }

    fn forget(&mut self) {
        *self = Self { no_autocommit: self.no_autocommit, ..Self::default() };
    }

    fn end(&mut self, log: Log, limit: u64, found: &mut Found) {
        let most = self.changes.iter().max_by_key(|(_, rows)| **rows);
        if let Some((key, _)) = most.filter(|_| self.rows >= limit) {
            let (name, verb) = key.clone();
            let none = Large { log, name, verb, rows: 0, at_least: false, statements: 0, times: 0 };
            let large = found.entry(key.clone()).or_insert(none);
            large.times += 1;
            if self.rows > large.rows {
                (large.rows, large.statements, large.at_least) = (self.rows, self.statements, self.at_least);
            }
        }
        self.forget();
    }
}
