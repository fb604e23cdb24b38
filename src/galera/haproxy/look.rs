//! Looking at a proxy's host.

use super::settings::{FILE, WRITE};
use super::{PACKAGE, UNIT};

/// The script, and what it is called with.
pub const SCRIPT: &str = concat!(include_str!("stats.sh"), include_str!("look.sh"));
pub const ARGUMENTS: [&str; 4] = [UNIT, PACKAGE, FILE, WRITE];
/// Asks the running proxy.
pub const STATS: &str = include_str!("stats.sh");
