//! A command for a host, and what came of it.

use std::time::Duration;

use crate::kernel::facts::Unseen;

const USUAL_DEADLINE: Duration = Duration::from_secs(30);

/// A constant shell script with its arguments. Values reach the script only as arguments, quoted
/// by the SSH layer, or on its standard input; never as part of its text.
#[derive(Debug, Clone)]
pub struct RemoteCommand {
    pub(super) script: String,
    pub(super) arguments: Vec<String>,
    pub(super) input: Vec<u8>,
    pub(super) deadline: Duration,
    /// It may change the host, so it runs only under this run's lock.
    pub(super) acts: bool,
    /// It is not sent again where its connection was lost.
    pub(super) once: bool,
}

impl RemoteCommand {
    /// `script` is run by `sh -c` as root; the arguments are its `$1`, `$2` …
    pub fn new<A: Into<String>>(script: &'static str, arguments: impl IntoIterator<Item = A>) -> Self {
        Self::of_pieces(&[script], arguments)
    }

    /// As [`RemoteCommand::new`], of a script in pieces.
    pub fn of_pieces<A: Into<String>>(
        pieces: &[&'static str],
        arguments: impl IntoIterator<Item = A>,
    ) -> Self {
        let arguments = arguments.into_iter().map(Into::into).collect();
        let (input, deadline) = (Vec::new(), USUAL_DEADLINE);
        Self { script: pieces.concat(), arguments, input, deadline, acts: false, once: false }
    }

    /// A command that changes the host. It does nothing unless this run holds the host's lock, and
    /// no other run gets the lock before it has ended, also when its connection is lost.
    pub fn act<A: Into<String>>(script: &'static str, arguments: impl IntoIterator<Item = A>) -> Self {
        Self { acts: true, once: true, ..Self::new(script, arguments) }
    }

    /// What the script reads on its standard input. The only way for a secret to reach a host.
    pub fn input(mut self, bytes: impl Into<Vec<u8>>) -> Self {
        self.input = bytes.into();
        self
    }

    /// It is no mere look: where the connection is lost, what was sent may still run, so it is not sent again.
    pub fn once(self) -> Self {
        Self { once: true, ..self }
    }

    /// After this the host's own `timeout` ends the script.
    pub fn deadline(mut self, deadline: Duration) -> Self {
        self.deadline = deadline;
        self
    }
}

/// What a remote script left: exit status and both streams.
#[derive(Debug, Clone)]
pub struct Output {
    pub code: i32,
    pub stdout: String,
    pub stderr: String,
}

/// Why there is no [`Output`], or not the expected one.
#[derive(Debug, thiserror::Error)]
pub enum TransportError {
    #[error("{0}")]
    Connect(String),
    #[error("the connection was lost ({0}); what the command did there is not known")]
    Lost(String),
    #[error("no answer within {} s", .0.as_secs())]
    Deadline(Duration),
    /// The login works, and sudo does not make it root.
    #[error("{}", failed(*code, stderr, ""))]
    NotRoot { code: i32, stderr: String },
    #[error("{}", failed(*code, stderr, stdout))]
    Failed { code: i32, stdout: String, stderr: String },
}

impl TransportError {
    /// Why a host was not seen.
    pub fn unseen(&self) -> Unseen {
        match self {
            Self::NotRoot { .. } => Unseen::NotRoot(self.to_string()),
            _ => Unseen::Other(self.to_string()),
        }
    }
}

fn failed(code: i32, stderr: &str, stdout: &str) -> String {
    let said =
        [stderr, stdout].into_iter().map(str::trim).find(|text| !text.is_empty()).unwrap_or("no message");
    format!("exit status {code}: {said}")
}

impl Output {
    /// The output of a script that ended with status 0.
    pub fn success(self) -> Result<String, TransportError> {
        match self.code {
            0 => Ok(self.stdout),
            code => Err(TransportError::Failed { code, stdout: self.stdout, stderr: self.stderr }),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_look_is_sent_twice() {
        assert!(!RemoteCommand::new("ls", [""]).once);
        assert!(RemoteCommand::new("ls", [""]).once().once);
        assert!(RemoteCommand::act("rm", [""]).once);
    }
}
