//! Scanning an arbitrator's host.

use super::UNIT;
use super::settings::{GARBD_FILE, GARBD_PACKAGE};

/// The script, and what it is called with.
pub const SCRIPT: &str = include_str!("look.sh");
pub const ARGUMENTS: [&str; 3] = [UNIT, GARBD_PACKAGE, GARBD_FILE];
