//! The name of a database.

use std::fmt;
use std::str::FromStr;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::kernel::model::Invalid;

/// A database's name. It becomes a part of the names of slots, and stands in connection strings, so it has lower-case
/// letters, digits and `_` only.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(try_from = "String", into = "String")]
#[schemars(with = "String")]
pub struct DatabaseName(String);

/// pglogical shortens longer names in the names of its slots, and puts a hash in their place.
const LONGEST: usize = 16;

impl DatabaseName {
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for DatabaseName {
    type Err = Invalid;

    fn from_str(text: &str) -> Result<Self, Invalid> {
        if !text.starts_with(|c: char| c.is_ascii_lowercase() || c == '_') {
            return Err(Invalid::new("must begin with a lower-case letter or `_`"));
        }
        if text.len() > LONGEST {
            return Err(Invalid(format!("is longer than {LONGEST} characters")));
        }
        match text.chars().find(|c| !c.is_ascii_lowercase() && !c.is_ascii_digit() && *c != '_') {
            Some(bad) => Err(Invalid(format!(
                "holds {bad:?}; lower-case letters, digits and `_` may stand here, because it becomes part of the names of slots"
            ))),
            None => Ok(Self(text.to_owned())),
        }
    }
}

impl TryFrom<String> for DatabaseName {
    type Error = Invalid;
    fn try_from(text: String) -> Result<Self, Invalid> {
        text.parse()
    }
}

impl From<DatabaseName> for String {
    fn from(name: DatabaseName) -> Self {
        name.0
    }
}

impl fmt::Display for DatabaseName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.0)
    }
}
