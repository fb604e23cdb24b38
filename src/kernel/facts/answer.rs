//! What came of asking a program.

use serde::{Deserialize, Serialize};

/// An answer, or why there is none. A question without an answer is never "no".
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Answer<T> {
    Told(T),
    /// Nobody is there to answer: nothing listens, or the program is not installed. The reason.
    Nobody(String),
    /// Somebody may be there, and did not tell. The reason.
    Unseen(String),
}

impl<T> Answer<T> {
    pub fn told(&self) -> Option<&T> {
        match self {
            Self::Told(told) => Some(told),
            Self::Nobody(_) | Self::Unseen(_) => None,
        }
    }

    /// Why there is no answer, and none may be guessed.
    pub fn unseen(&self) -> Option<&str> {
        match self {
            Self::Unseen(why) => Some(why),
            Self::Told(_) | Self::Nobody(_) => None,
        }
    }

    /// Why there is no answer.
    pub fn why(&self) -> Option<&str> {
        match self {
            Self::Nobody(why) | Self::Unseen(why) => Some(why),
            Self::Told(_) => None,
        }
    }

    pub fn is_nobody(&self) -> bool {
        matches!(self, Self::Nobody(_))
    }

    pub fn map<U>(self, read: impl FnOnce(T) -> U) -> Answer<U> {
        self.and_then(|told| Answer::Told(read(told)))
    }

    /// Reads an answer further; the reasons stay.
    pub fn and_then<U>(self, read: impl FnOnce(T) -> Answer<U>) -> Answer<U> {
        match self {
            Self::Told(told) => read(told),
            Self::Nobody(why) => Answer::Nobody(why),
            Self::Unseen(why) => Answer::Unseen(why),
        }
    }
}

/// An observation that lacks it was not asked for it.
impl<T> Default for Answer<T> {
    fn default() -> Self {
        Self::Unseen("it was not asked".into())
    }
}
