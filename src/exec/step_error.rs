//! Why a step failed, before the run adds what it knows.

use super::event::{Excerpt, FailureKind};
use crate::db::DbError;
use crate::explain::Explanation;
use crate::transport::TransportError;

/// A step's failure.
#[derive(Debug)]
pub struct StepError {
    pub message: String,
    pub kind: FailureKind,
    pub explanation: Option<Explanation>,
    pub logs: Vec<Excerpt>,
    pub left: Vec<String>,
}

impl StepError {
    pub fn new(message: impl Into<String>) -> Self {
        Self {
            message: message.into(),
            kind: FailureKind::Failed,
            explanation: None,
            logs: Vec::new(),
            left: Vec::new(),
        }
    }

    /// The world is not what the plan was made for.
    pub fn surprise(message: impl Into<String>) -> Self {
        Self { kind: FailureKind::Surprise, ..Self::new(message) }
    }

    pub fn left(mut self, what: impl Into<String>) -> Self {
        self.left.push(what.into());
        self
    }
}

impl From<TransportError> for StepError {
    fn from(error: TransportError) -> Self {
        Self::new(error.to_string())
    }
}

impl From<DbError> for StepError {
    fn from(error: DbError) -> Self {
        Self::new(error.to_string())
    }
}
