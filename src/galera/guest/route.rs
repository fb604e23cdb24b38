//! How a guest reaches a server or a proxy.

use std::path::PathBuf;
use std::time::Duration;

/// How long a statement may take: it waits while a new view forms, for seconds where a member was lost.
pub const PATIENCE: Duration = Duration::from_secs(30);
/// How long a connection to an address may take.
pub const CONNECT: Duration = Duration::from_secs(5);

/// Where a connection is made to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Route {
    /// A local socket that leads through SSH.
    Socket(PathBuf),
    /// An address and port that this machine reaches.
    Address(String, u16),
}
