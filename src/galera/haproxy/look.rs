//! Looking at a proxy's host.

use super::settings::{FILE, WRITE};
use super::{PACKAGE, UNIT};
use crate::galera::endpoint::Endpoint;

/// The script.
pub const SCRIPT: &str = concat!(include_str!("stats.sh"), include_str!("look.sh"));
/// What the script is called with.
pub fn arguments(endpoint: Endpoint) -> Vec<String> {
    let ports = [endpoint.write_port, endpoint.read_port].map(|port| port.to_string());
    [UNIT, PACKAGE, FILE, WRITE].map(str::to_owned).into_iter().chain(ports).collect()
}

/// Asks the running proxy.
pub const STATS: &str = include_str!("stats.sh");
