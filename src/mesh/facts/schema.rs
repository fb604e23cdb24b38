//! What only lint asks of a database.

use serde::{Deserialize, Serialize};

/// What a database has beside what every look tells.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Schema {
    /// Tables of users, not all of them have something to tell.
    pub tables: Vec<Details>,
    /// Sequences that come round: `schema.name`.
    pub cycling: Vec<String>,
    /// Functions and procedures of users that have one of the words which lint looks for.
    pub programs: Vec<Program>,
    /// Materialized views: `schema.name`.
    pub views: Vec<String>,
    pub large_objects: u64,
    pub extensions: Vec<Stateful>,
}

/// More of a table.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Details {
    pub schema: String,
    pub name: String,
    /// The name of its primary key.
    pub constraint: Option<String>,
    /// A unique index over columns that are NOT NULL, which could be its primary key.
    pub candidate: Option<Candidate>,
    /// Foreign keys point to it.
    pub referenced: bool,
    /// Triggers that fire where a client writes, and there alone.
    pub triggers: Vec<Trigger>,
}

/// A unique index over columns that are NOT NULL.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Candidate {
    pub index: String,
    /// It is that of a constraint with its name, and not of a bare CREATE UNIQUE INDEX.
    pub constraint: bool,
    pub columns: Vec<String>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Trigger {
    pub name: String,
    pub program: Program,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Program {
    /// `schema.name`
    pub name: String,
    pub language: String,
    pub body: String,
}

/// An extension with tables.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Stateful {
    pub name: String,
    /// `schema.name`
    pub tables: Vec<String>,
}

impl Schema {
    pub fn details(&self, schema: &str, name: &str) -> Option<&Details> {
        self.tables.iter().find(|it| it.schema == schema && it.name == name)
    }
}
