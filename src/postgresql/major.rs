//! PostgreSQL's major version.

use std::fmt;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// A major version that a Debian release has, and galactl knows.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(try_from = "u16", into = "u16")]
#[schemars(with = "u16", extend("enum" = [15, 17]))]
pub enum Major {
    Fifteen,
    Seventeen,
}

impl Major {
    pub const ALL: [Self; 2] = [Self::Fifteen, Self::Seventeen];

    pub fn number(self) -> u16 {
        match self {
            Self::Fifteen => 15,
            Self::Seventeen => 17,
        }
    }

    /// The version that this Debian release has; `None`: galactl does not know the release.
    pub fn of_debian(release: u16) -> Option<Self> {
        Self::ALL.into_iter().find(|major| major.debian() == release)
    }

    /// The Debian release that has this version.
    pub fn debian(self) -> u16 {
        match self {
            Self::Fifteen => 12,
            Self::Seventeen => 13,
        }
    }
}

impl TryFrom<u16> for Major {
    type Error = String;

    fn try_from(number: u16) -> Result<Self, String> {
        let found = Self::ALL.into_iter().find(|major| major.number() == number);
        found.ok_or_else(|| {
            format!("PostgreSQL {number} is none that galactl knows: 15 (Debian 12) and 17 (Debian 13)")
        })
    }
}

impl From<Major> for u16 {
    fn from(major: Major) -> Self {
        major.number()
    }
}

impl fmt::Display for Major {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.number().fmt(f)
    }
}
