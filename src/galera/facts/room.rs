//! Where a change writes, and what fits there.

use serde::{Deserialize, Serialize};

/// A place in which a change writes: the data directory, the folder of option files, galactl's records.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Room {
    pub path: String,
    /// Free bytes; `None`: nothing can be written there.
    pub free: Option<u64>,
}

impl Room {
    /// Reads `BYTES<TAB>PATH` and `read-only<TAB>PATH`.
    pub fn parse(line: &str) -> Option<Self> {
        let (free, path) = line.split_once('\t')?;
        let free = match free {
            "read-only" => None,
            bytes => Some(bytes.parse().ok()?),
        };
        Some(Self { path: path.trim_end_matches('/').to_owned(), free })
    }
}
