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
    /// A connection broke, so what the step did is not known.
    pub lost: bool,
}

impl StepError {
    pub fn new(message: impl Into<String>) -> Self {
        Self {
            message: message.into(),
            kind: FailureKind::Failed,
            explanation: None,
            logs: Vec::new(),
            left: Vec::new(),
            lost: false,
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
        let lost = matches!(error, TransportError::Lost(_));
        Self { lost, ..Self::new(error.to_string()) }
    }
}

impl From<DbError> for StepError {
    fn from(error: DbError) -> Self {
        match error {
            DbError::Transport(error) => error.into(),
            server @ DbError::Server(_) => Self::new(server.to_string()),
        }
    }
}
