//! Scanning a node's health unit.

use super::{DRAIN_FLAG, SOCKET_UNIT, USER, files};
use crate::galera::endpoint::Endpoint;

/// The script.
pub const SCRIPT: &str = include_str!("look.sh");

/// What it is called with.
pub fn arguments(endpoint: Endpoint) -> Vec<String> {
    let fixed = [SOCKET_UNIT, USER, DRAIN_FLAG, files::SCRIPT, files::SOCKET, files::SERVICE];
    fixed.map(str::to_owned).into_iter().chain([endpoint.health_port.to_string()]).collect()
}
