//! Rows that become those of another node, as data.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// A table, and what rows of it are to become on one node.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Rows {
    pub database: String,
    pub schema: String,
    pub table: String,
    /// The columns of the primary key, in its order.
    pub key: Vec<String>,
    /// The columns that are compared and written, in the table's order.
    pub columns: Vec<RowColumn>,
    /// When these rows were read at the node whose rows they become, as PostgreSQL writes it. What is written later wins.
    pub as_of: String,
    /// Deletions first, insertions last, so that no unique value is there twice.
    pub rows: Vec<RowChange>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct RowColumn {
    pub name: String,
    /// Its type, as PostgreSQL writes it.
    pub kind: String,
}

/// What one row is, and what it becomes.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct RowChange {
    pub key: Vec<String>,
    /// `None`: it is not there.
    pub was: Option<Was>,
    /// Its values, NULL as `None`; `None`: it goes.
    pub becomes: Option<Vec<Option<String>>>,
}

/// A row as it was seen.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Was {
    /// As `compare` has it. A row with another one is not touched.
    pub hash: String,
    pub values: Vec<Option<String>>,
}

impl RowChange {
    /// Its place among the changes of a table.
    pub fn order(&self) -> u8 {
        match (&self.was, &self.becomes) {
            (_, None) => 0,
            (Some(_), Some(_)) => 1,
            (None, Some(_)) => 2,
        }
    }
}
