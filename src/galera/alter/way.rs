//! How a server changes a table, and how a cluster does.

use std::fmt;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// What a server does with the rows, the cheapest first.
/// (https://mariadb.com/kb/en/innodb-online-ddl-overview/)
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "UPPERCASE")]
pub enum Algorithm {
    /// No row is touched.
    Instant,
    /// Rows are read, and the table is not written again.
    Nocopy,
    /// The storage engine writes the table again.
    Inplace,
    /// The server copies each row into a new table.
    Copy,
}

impl Algorithm {
    pub const ALL: [Self; 4] = [Self::Instant, Self::Nocopy, Self::Inplace, Self::Copy];

    /// What it does, for people.
    pub fn meaning(self) -> &'static str {
        match self {
            Self::Instant => "no row is touched",
            Self::Nocopy => "the rows are read, and the table is not written again",
            Self::Inplace => "InnoDB writes the whole table again",
            Self::Copy => "the server copies each row into a new table",
        }
    }
}

impl fmt::Display for Algorithm {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Instant => "INSTANT",
            Self::Nocopy => "NOCOPY",
            Self::Inplace => "INPLACE",
            Self::Copy => "COPY",
        })
    }
}

/// How the cluster changes the table.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Way {
    /// Total order isolation: all nodes at the same place among the writes, which wait meanwhile.
    Toi,
}

impl Way {
    pub fn word(self) -> &'static str {
        match self {
            Self::Toi => "toi",
        }
    }
}
