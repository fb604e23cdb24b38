//! Why no certificate was made.

use super::fault::Fault;
use super::san::San;

/// Why no certificate was made.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum IssueError {
    #[error("`{0}` cannot be the name in a certificate: it has 1 to 64 bytes, and no control characters")]
    Name(String),
    #[error("`{0}` is no DNS name, and cannot stand in a certificate")]
    San(San),
    #[error("a certificate for {0} days would be valid beyond the year 9999")]
    TooLong(u32),
    /// All that is wrong with the authority.
    #[error("the CA cannot issue certificates: {}", all(.0))]
    Authority(Vec<Fault>),
    #[error("the CA cannot issue certificates: {0}")]
    Library(String),
}

fn all(faults: &[Fault]) -> String {
    faults.iter().map(ToString::to_string).collect::<Vec<_>>().join("; ")
}

/// What a library says.
pub(super) fn library(error: impl std::fmt::Display) -> IssueError {
    IssueError::Library(error.to_string())
}
