//! Galera's coordinates: state UUID and seqno.

use std::fmt;
use std::str::FromStr;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::kernel::model::Invalid;

/// The identity of a replicated history, `wsrep_cluster_state_uuid`, in lower case.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(try_from = "String", into = "String")]
pub struct StateUuid(String);

impl StateUuid {
    /// True of the all-zero UUID, which means "state unsafe or in the middle of a transfer", not
    /// "no data" (galera saved_state.cpp, mark_unsafe and mark_corrupt).
    pub fn is_zero(&self) -> bool {
        self.0.chars().all(|c| c == '0' || c == '-')
    }

    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for StateUuid {
    type Err = Invalid;
    fn from_str(text: &str) -> Result<Self, Invalid> {
        let shape = text.len() == 36
            && text.bytes().enumerate().all(|(at, byte)| match at {
                8 | 13 | 18 | 23 => byte == b'-',
                _ => byte.is_ascii_hexdigit(),
            });
        if shape { Ok(Self(text.to_ascii_lowercase())) } else { Err(Invalid::new("is not a UUID")) }
    }
}

impl TryFrom<String> for StateUuid {
    type Error = Invalid;
    fn try_from(text: String) -> Result<Self, Invalid> {
        text.parse()
    }
}

impl From<StateUuid> for String {
    fn from(uuid: StateUuid) -> Self {
        uuid.0
    }
}

impl fmt::Display for StateUuid {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.0)
    }
}

/// A position in a history. `Unknown` is Galera's -1: running, or not stopped cleanly; it is a
/// type of its own so that it cannot be compared with a number.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(from = "i64", into = "i64")]
pub enum Seqno {
    At(u64),
    Unknown,
}

impl From<i64> for Seqno {
    fn from(number: i64) -> Self {
        u64::try_from(number).map_or(Self::Unknown, Self::At)
    }
}

impl From<Seqno> for i64 {
    fn from(seqno: Seqno) -> Self {
        match seqno {
            Seqno::At(number) => Self::try_from(number).unwrap_or(Self::MAX),
            Seqno::Unknown => -1,
        }
    }
}

impl fmt::Display for Seqno {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", i64::from(*self))
    }
}

/// A state UUID with a seqno, as Galera prints it: `uuid:seqno`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Gtid {
    pub uuid: StateUuid,
    pub seqno: Seqno,
}

impl fmt::Display for Gtid {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}", self.uuid, self.seqno)
    }
}
