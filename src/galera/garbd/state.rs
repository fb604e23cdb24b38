//! What an arbitrator's daemon is doing, in a word or two.

use std::fmt;

use serde::{Serialize, Serializer};

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ArbitratorState {
    NotSeen,
    Running,
    OutsideItsUnit,
    NotInstalled,
    Failed,
    Stopped,
}

impl fmt::Display for ArbitratorState {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::NotSeen => "not seen",
            Self::Running => "running",
            Self::OutsideItsUnit => "runs outside its unit",
            Self::NotInstalled => "not installed",
            Self::Failed => "failed",
            Self::Stopped => "stopped",
        })
    }
}

impl Serialize for ArbitratorState {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}
