//! PostgreSQL's coordinates: system identifier, timeline, position in the write-ahead log.

use std::fmt;
use std::str::FromStr;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::kernel::model::Invalid;

/// A position in the write-ahead log (WAL): bytes since the cluster's beginning, on some timeline. PostgreSQL
/// writes it as two hexadecimal numbers of 32 bits, `16/B374D848`.
#[derive(
    Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema,
)]
#[serde(try_from = "String", into = "String")]
#[schemars(with = "String")]
pub struct Lsn(u64);

impl Lsn {
    pub const fn new(bytes: u64) -> Self {
        Self(bytes)
    }

    pub const fn bytes(self) -> u64 {
        self.0
    }

    /// `InvalidXLogRecPtr`: `0/0` stands where there is no position.
    pub const fn is_none(self) -> bool {
        self.0 == 0
    }

    /// Bytes of WAL from `earlier` to here; 0 where this is not later.
    pub const fn since(self, earlier: Self) -> u64 {
        self.0.saturating_sub(earlier.0)
    }
}

impl FromStr for Lsn {
    type Err = Invalid;
    fn from_str(text: &str) -> Result<Self, Invalid> {
        let half = |text: &str| {
            let plain = (1..=8).contains(&text.len()) && text.bytes().all(|it| it.is_ascii_hexdigit());
            plain.then(|| u64::from_str_radix(text, 16).ok()).flatten()
        };
        let read = || {
            let (high, low) = text.split_once('/')?;
            Some(Self(half(high)? << 32 | half(low)?))
        };
        read().ok_or_else(|| Invalid::new("is not a position in the WAL, such as 16/B374D848"))
    }
}

impl TryFrom<String> for Lsn {
    type Error = Invalid;
    fn try_from(text: String) -> Result<Self, Invalid> {
        text.parse()
    }
}

impl From<Lsn> for String {
    fn from(lsn: Lsn) -> Self {
        lsn.to_string()
    }
}

impl fmt::Display for Lsn {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&format!("{:X}/{:X}", self.0 >> 32, self.0 & 0xFFFF_FFFF))
    }
}

/// The number of a branch of a cluster's history, from 1. Each promotion begins a new one. Two nodes that were
/// promoted apart may have the same number: compare histories, not numbers.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(try_from = "u32", into = "u32")]
#[schemars(with = "u32")]
pub struct Timeline(u32);

impl TryFrom<u32> for Timeline {
    type Error = Invalid;
    fn try_from(number: u32) -> Result<Self, Invalid> {
        Self::new(number).ok_or_else(|| Invalid::new("is no timeline: they are counted from 1"))
    }
}

impl From<Timeline> for u32 {
    fn from(timeline: Timeline) -> Self {
        timeline.0
    }
}

impl Timeline {
    /// The timeline of a new cluster.
    pub const FIRST: Self = Self(1);

    /// `None` for 0, which stands where there is no timeline.
    pub const fn new(number: u32) -> Option<Self> {
        if number == 0 { None } else { Some(Self(number)) }
    }

    pub const fn number(self) -> u32 {
        self.0
    }

    /// From the first eight hexadecimal digits of a WAL file's or a history file's name.
    pub fn of_file(name: &str) -> Option<Self> {
        let digits = name.get(..8).filter(|it| it.bytes().all(|it| it.is_ascii_hexdigit()))?;
        Self::new(u32::from_str_radix(digits, 16).ok()?)
    }
}

impl fmt::Display for Timeline {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// `Database system identifier`: initdb makes it, and every copy of the cluster has the same. A number of 64 bits
/// in decimal, kept as its text because JSON's numbers end at 53 bits.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(try_from = "String", into = "String")]
#[schemars(with = "String")]
pub struct SystemId(String);

impl SystemId {
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for SystemId {
    type Err = Invalid;
    fn from_str(text: &str) -> Result<Self, Invalid> {
        match text.parse::<u64>() {
            Ok(number) if number > 0 => Ok(Self(number.to_string())),
            _ => Err(Invalid::new("is not a system identifier, a number of 64 bits")),
        }
    }
}

impl TryFrom<String> for SystemId {
    type Error = Invalid;
    fn try_from(text: String) -> Result<Self, Invalid> {
        text.parse()
    }
}

impl From<SystemId> for String {
    fn from(id: SystemId) -> Self {
        id.0
    }
}

impl fmt::Display for SystemId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.0)
    }
}
