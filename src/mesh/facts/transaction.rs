//! A transaction that a node cannot apply: everything that it holds, as its own node tells it.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::Failing;
use crate::kernel::facts::Answer;
use crate::kernel::model::NodeName;
use crate::mesh::model::DatabaseName;
use crate::postgresql::Lsn;

/// Which transaction is meant.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Which {
    pub reader: NodeName,
    pub provider: NodeName,
    pub database: DatabaseName,
    /// The reader's slot at the provider.
    pub slot: String,
    pub failing: Failing,
}

/// What its provider told of it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct HeldUp {
    pub which: Which,
    pub told: Answer<Transaction>,
}

/// A transaction of the provider.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Transaction {
    /// Where the last one ends that comes before it and has something for the reader; `None`: there is none in the reader's
    /// slot, or the skip could not touch it.
    #[serde(default)]
    pub before: Option<Lsn>,
    /// Where its commit ends in the provider's WAL.
    pub end: Lsn,
    /// Such as `COMMIT 772 (at 2026-11-30 00:32:07.654536+00)`.
    pub committed: String,
    /// How many changes it holds.
    pub count: u64,
    /// The first of them, in their order: `table public.t: UPDATE: id[integer]:6 u[integer]:600`.
    pub changes: Vec<String>,
    /// How many there are of each kind, by `public.t: UPDATE`.
    pub kinds: BTreeMap<String, u64>,
    /// Of all changes.
    pub digest: String,
}

impl Transaction {
    /// The reader has everything that comes before it. `applied`: how far the reader has applied this provider's changes.
    pub fn is_next(&self, applied: Option<Lsn>) -> bool {
        self.before.is_none_or(|before| applied.is_some_and(|applied| before <= applied))
    }
}
