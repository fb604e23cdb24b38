//! How galactl ends: its exit codes, and the error that every command returns.

use std::fmt;

/// Nothing to do, or done.
pub const SUCCESS: u8 = 0;
/// Something went wrong: bad input, a failed step, a lost connection in the middle.
pub const ERROR: u8 = 1;
/// A dry run with `--detailed-exitcode` found something to do; or a recovery had to stop servers
/// before it could decide, and is to be run again.
pub const CHANGES_PENDING: u8 = 2;
/// Refused by a guard: going on could lose data, or cannot work. Nothing was changed, unless the
/// message says which steps were done before.
pub const REFUSED: u8 = 3;
/// A host cannot be reached, or something is no longer what the plan was made for.
pub const UNREACHABLE: u8 = 4;
/// `status`, `doctor`: the cluster serves, and something is missing or out of line, or will be.
pub const DEGRADED: u8 = 5;
/// `status`, `doctor`: the cluster does not serve, or is about to lose data or service. A bootstrap
/// intent that is armed is that.
pub const CRITICAL: u8 = 6;
/// Interrupted by the user.
pub const INTERRUPTED: u8 = 130;

/// How a command ended that did what it was asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum End {
    Done,
    ChangesPending,
    Degraded,
    Critical,
}

impl End {
    pub fn exit_code(self) -> u8 {
        match self {
            Self::Done => SUCCESS,
            Self::ChangesPending => CHANGES_PENDING,
            Self::Degraded => DEGRADED,
            Self::Critical => CRITICAL,
        }
    }
}

/// What kind of failure, and so which exit code.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    Error,
    Refused,
    Unreachable,
    Interrupted,
}

/// Why a command did not do what it was asked. The message is for people; it may have lines.
#[derive(Debug)]
pub struct CommandError {
    pub kind: Kind,
    pub message: String,
    pub hint: Option<String>,
}

impl CommandError {
    pub fn new(kind: Kind, message: impl Into<String>) -> Self {
        Self { kind, message: message.into(), hint: None }
    }

    pub fn error(message: impl Into<String>) -> Self {
        Self::new(Kind::Error, message)
    }

    /// An error that says all by itself.
    pub fn of(error: impl fmt::Display) -> Self {
        Self::error(error.to_string())
    }

    pub fn hint(mut self, hint: impl Into<String>) -> Self {
        self.hint = Some(hint.into());
        self
    }

    pub fn exit_code(&self) -> u8 {
        match self.kind {
            Kind::Error => ERROR,
            Kind::Refused => REFUSED,
            Kind::Unreachable => UNREACHABLE,
            Kind::Interrupted => INTERRUPTED,
        }
    }
}

impl fmt::Display for CommandError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

impl std::error::Error for CommandError {}

impl From<anyhow::Error> for CommandError {
    fn from(error: anyhow::Error) -> Self {
        Self::error(format!("{error:#}"))
    }
}
