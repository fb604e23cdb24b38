//! Why a host was not seen.

use std::fmt;

use serde::{Deserialize, Serialize};

/// The reason, in words. JSON has the words alone, except where the kind of reason decides what to do about it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Unseen {
    /// The login works, and does not become root by sudo.
    NotRoot(String),
    #[serde(untagged)]
    Other(String),
}

impl fmt::Display for Unseen {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (Self::NotRoot(why) | Self::Other(why)) = self;
        f.write_str(why)
    }
}

impl From<String> for Unseen {
    fn from(why: String) -> Self {
        Self::Other(why)
    }
}

impl From<&str> for Unseen {
    fn from(why: &str) -> Self {
        why.to_owned().into()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn evidence_that_was_saved_as_words_is_read() {
        let other = Unseen::from("connection timed out");
        assert_eq!(serde_json::to_string(&other).expect("JSON"), r#""connection timed out""#);
        let not_root = Unseen::NotRoot("sudo: a password is required".into());
        for why in [other, not_root] {
            let text = serde_json::to_string(&why).expect("JSON");
            assert_eq!(serde_json::from_str::<Unseen>(&text).expect("a reason"), why);
        }
    }
}
