//! What to do about a finding.

use std::fmt;

use serde::{Serialize, Serializer};

/// The next command to type, or what to find out.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Remedy(String);

impl fmt::Display for Remedy {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl Serialize for Remedy {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&self.0)
    }
}

impl From<&str> for Remedy {
    fn from(words: &str) -> Self {
        Self(words.to_owned())
    }
}

impl From<String> for Remedy {
    fn from(words: String) -> Self {
        Self(words)
    }
}

impl From<&String> for Remedy {
    fn from(words: &String) -> Self {
        Self(words.clone())
    }
}
