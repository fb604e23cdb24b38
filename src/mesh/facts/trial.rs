//! What became of a user's merge function that was tried.

use serde::{Deserialize, Serialize};

use crate::mesh::model::DatabaseName;

/// A merge function on samples and random rows of its table.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Trial {
    pub database: DatabaseName,
    /// Its full name.
    pub table: String,
    pub outcome: Outcome,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(untagged)]
pub enum Outcome {
    /// So many times three rows have become one, in every order.
    Converges { tried: u64 },
    /// A law does not hold for these rows. `results`: what one order and the other one give; none where it fails.
    Parts {
        law: String,
        rows: Vec<String>,
        #[serde(default)]
        results: Vec<String>,
    },
    /// It could not be tried, or PostgreSQL does not take it.
    Refused { why: String },
}
