//! What becomes of a row that two nodes have changed at the same time.

use std::fmt;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// The choice of an inventory.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Strategy {
    /// The change with the later commit time wins on all nodes; the other one is lost. It needs clocks that agree, and
    /// pglogical.
    LastUpdateWins,
    /// The row of the node on which it was written first stays. No method that galactl runs converges with it.
    OriginWins,
    /// Each row belongs to a region by a column of its primary key, and only that region's nodes write it: no conflict can
    /// happen.
    Region,
    /// A function of the user's makes one row of both. It needs pglogical.
    Custom,
}

impl Strategy {
    pub fn as_str(self) -> &'static str {
        match self {
            Self::LastUpdateWins => "last-update-wins",
            Self::OriginWins => "origin-wins",
            Self::Region => "region",
            Self::Custom => "custom",
        }
    }
}

impl fmt::Display for Strategy {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}
