//! Looking at what tells whether a node serves.

use super::{DRAIN_FLAG, SOCKET_UNIT, USER, files};

/// The script, and what it is called with.
pub const SCRIPT: &str = include_str!("look.sh");
pub const ARGUMENTS: [&str; 6] =
    [SOCKET_UNIT, USER, DRAIN_FLAG, files::SCRIPT, files::SOCKET, files::SERVICE];
