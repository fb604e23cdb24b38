//! What carries changes from one node to another.

use std::fmt;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// The choice of an inventory.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Method {
    /// The extension pglogical, which Debian has. It can let the last update win.
    #[default]
    Pglogical,
    /// PostgreSQL's own logical replication, from version 16 on. Two writers of one row stop it, so each row has one owner.
    Native,
    /// pgEdge's Spock. It needs pgEdge's own PostgreSQL, so galactl renders its statements, and runs none.
    Spock,
    /// EDB's BDR. It needs EDB's own packages, so galactl renders its statements, and runs none.
    Bdr,
}

impl Method {
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Pglogical => "pglogical",
            Self::Native => "native",
            Self::Spock => "spock",
            Self::Bdr => "bdr",
        }
    }

    /// galactl sets it up on hosts.
    pub fn is_run(self) -> bool {
        matches!(self, Self::Pglogical | Self::Native)
    }
}

impl fmt::Display for Method {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}
