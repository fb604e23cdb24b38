//! What servers have told of a table.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::pt_osc::OscSeen;
use super::server_error::wants_another_algorithm;
use super::{Algorithm, Change, Table};
use crate::kernel::model::NodeName;

/// What was asked, and what each member told.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Study {
    pub table: Table,
    pub change: Change,
    pub nodes: BTreeMap<NodeName, Asked>,
}

/// A member's answer.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Asked {
    Told(Box<TableSeen>),
    /// Why there is none.
    Silent(String),
}

/// The table on one member.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct TableSeen {
    /// What `SHOW CREATE TABLE` prints; empty where there is no such table.
    pub definition: String,
    /// The server's words where it does not show the table, or makes no copy of it.
    pub error: Option<String>,
    pub engine: String,
    /// `BASE TABLE`, `VIEW`, `SEQUENCE` and so on.
    pub kind: String,
    pub rows: u64,
    /// The rows were counted, not estimated.
    pub counted: bool,
    pub bytes: u64,
    pub buffer_pool: u64,
    /// Those that can be written to, in order.
    pub columns: Vec<String>,
    /// Tables to which its foreign keys point, and those whose foreign keys point to it.
    pub parents: Vec<String>,
    pub children: Vec<String>,
    /// What local time is before UTC, in minutes: in January, in July, and in July of 1978.
    #[serde(default)]
    pub zone: String,
    /// Writes a binary log of its own.
    #[serde(default)]
    pub binlog: bool,
    /// Where the server sorts what a new index holds.
    #[serde(default)]
    pub tmpdir: Tmpdir,
    /// Bytes of write-sets of other nodes in a second, on the average since the server's start.
    #[serde(default)]
    pub received: u64,
    /// What pt-online-schema-change has left beside it, and whether one is at work.
    #[serde(default)]
    pub osc: OscSeen,
    /// What `SHOW CREATE TABLE` prints of an empty copy.
    pub copy: String,
    pub tries: Vec<Try>,
    pub sample: Option<Sample>,
}

/// The directory for files of a sort.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Tmpdir {
    pub path: String,
    /// Bytes; `None` where the host does not tell.
    pub free: Option<u64>,
    /// It is on the file system of the data.
    pub beside_data: bool,
}

/// What the server says to the change of an empty copy by one algorithm.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Try {
    pub algorithm: Algorithm,
    /// The server's words.
    pub error: Option<String>,
    /// What `SHOW CREATE TABLE` prints afterwards.
    pub after: String,
}

/// The change of a copy of some rows. Times are microseconds, and `None` where a clock was not read.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Sample {
    pub rows: u64,
    /// For the change of an empty table, the shorter time of two; by how much the two differ; for the sample.
    pub empty: Option<u64>,
    pub noise: u64,
    pub full: Option<u64>,
    /// Bytes of the sample's files before the change, and afterwards.
    pub size: u64,
    pub size_after: u64,
    /// The server's words where the rows do not fit the change, without values.
    pub error: Option<String>,
    /// Why there is no measure.
    pub untold: Option<String>,
}

impl Study {
    /// Every member that told.
    pub fn told(&self) -> impl Iterator<Item = (&NodeName, &TableSeen)> {
        self.nodes.iter().filter_map(|(node, asked)| match asked {
            Asked::Told(seen) => Some((node, &**seen)),
            Asked::Silent(_) => None,
        })
    }
}

impl TableSeen {
    /// What the server says by the first algorithm that it does not only refuse for being this algorithm.
    pub fn answer(&self) -> Option<&Try> {
        let another = |it: &Try| it.error.as_deref().is_some_and(wants_another_algorithm);
        self.tries.iter().find(|it| !another(it))
    }

    /// The cheapest algorithm that the server takes.
    pub fn accepted(&self) -> Option<&Try> {
        self.answer().filter(|it| it.error.is_none())
    }
}
