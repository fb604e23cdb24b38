//! How galactl ends: its exit codes, and the error that every command returns.

use std::fmt;

use crate::kernel::judge::Invocation;

pub const SUCCESS: u8 = 0;
pub const ERROR: u8 = 1;
pub const CHANGES_PENDING: u8 = 2;
pub const REFUSED: u8 = 3;
pub const UNREACHABLE: u8 = 4;
pub const DEGRADED: u8 = 5;
pub const CRITICAL: u8 = 6;
pub const INTERRUPTED: u8 = 130;

/// What each code means, as the reference says it.
pub const DOCUMENTED: [(u8, &str); 8] = [
    (SUCCESS, "nothing to do, or done"),
    (ERROR, "error: bad input, a failed step, a connection that was lost during a run"),
    (
        CHANGES_PENDING,
        "a dry run with `--detailed-exitcode` has something to do; or `recover` had to stop servers before it can decide: run it again",
    ),
    (
        REFUSED,
        "refused by a [guard](guards.md). Nothing was changed, unless the message names steps that were done before.",
    ),
    (
        UNREACHABLE,
        "a host cannot be reached or compared, another run is changing the hosts, or something has changed since the plan was made",
    ),
    (
        DEGRADED,
        "`status`, `doctor`, `lint`: degraded. The cluster serves clients, and something is missing, or will fail. `compare`: some rows were written to all the time: run it again",
    ),
    (
        CRITICAL,
        "`status`, `doctor`, `lint`: critical. The cluster does not serve clients, or may lose data or service at the next start or failure. `compare`: the nodes differ",
    ),
    (INTERRUPTED, "interrupted"),
];

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

    /// The commands in the hint in the words of this invocation.
    pub fn settled(mut self, invocation: &Invocation) -> Self {
        self.hint = self.hint.map(|hint| invocation.fill(&hint));
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
