//! Why a step failed, before the run adds what it knows.

use super::event::{Excerpt, FailureKind};
use crate::kernel::run::event::Explanation;
use crate::kernel::transport::TransportError;

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
    /// Nothing but this node was touched, and what other nodes are to do is as right as before.
    pub contained: bool,
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
            contained: false,
        }
    }

    /// The world is not what the plan was made for.
    pub fn surprise(message: impl Into<String>) -> Self {
        Self { kind: FailureKind::Surprise, ..Self::new(message) }
    }

    /// With every text in it changed: without secrets that a program on the host has repeated, as a server
    /// does with a line of its option file that it does not understand.
    pub fn each_text(mut self, change: impl Fn(&str) -> String) -> Self {
        let lines = self.logs.iter_mut().flat_map(|excerpt| &mut excerpt.lines);
        let explained = self.explanation.iter_mut().flat_map(|it| [&mut it.cause, &mut it.next]);
        for text in lines.chain(explained).chain(&mut self.left).chain([&mut self.message]) {
            *text = change(text);
        }
        self
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_text_of_an_error_is_changed() {
        let logs = vec![Excerpt {
            node: "db1".parse().expect("a name"),
            log: "journal".into(),
            lines: vec!["it says a word".into()],
        }];
        let error = StepError { logs, ..StepError::new("a word").left("a word stays") };
        let error = error.each_text(|text| text.replace("word", "letter"));
        assert_eq!(error.message, "a letter");
        assert_eq!((&*error.left[0], &*error.logs[0].lines[0]), ("a letter stays", "it says a letter"));
    }
}
