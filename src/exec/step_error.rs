//! Why a step failed, before the run adds what it knows.

use super::event::{Excerpt, FailureKind};
use crate::config::redact;
use crate::db::DbError;
use crate::explain::Explanation;
use crate::model::Secrets;
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

    /// Without the secrets that a program on the host has repeated, as the server does with a line
    /// of its option file that it does not understand.
    pub fn without(mut self, secrets: &Secrets) -> Self {
        let lines = self.logs.iter_mut().flat_map(|excerpt| &mut excerpt.lines);
        for text in lines.chain([&mut self.message]) {
            *text = redact(text, secrets);
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

impl From<DbError> for StepError {
    fn from(error: DbError) -> Self {
        match error {
            DbError::Transport(error) => error.into(),
            server @ DbError::Server(_) => Self::new(server.to_string()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::SecretName;

    #[test]
    fn what_a_server_repeats_of_its_options_is_shown_without_the_secret() {
        let mut secrets = Secrets::default();
        secrets.insert(SecretName::SstPassword, "top-secret-word".into());
        let said = "the server does not accept it:\nunknown variable 'wsrep_sst_aut=sst:top-secret-word'";
        let logs = vec![Excerpt {
            node: "db1".parse().expect("a name"),
            log: "journal".into(),
            lines: vec![said.into()],
        }];
        let error = StepError { logs, ..StepError::new(said) }.without(&secrets);
        let shown = said.replace("top-secret-word", SecretName::SstPassword.placeholder());
        assert_eq!((error.message.as_str(), error.logs[0].lines[0].as_str()), (&*shown, &*shown));
    }
}
