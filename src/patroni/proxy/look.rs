//! Looking at a proxy's host.

use super::ClientPorts;
use crate::kernel::facts::{END, HEAD, MACHINE, PROGRAM};
use crate::kernel::haproxy;

/// The pieces of the script.
pub const SCRIPT: [&str; 5] = [HEAD, MACHINE, PROGRAM, haproxy::ASK, END];

/// What it is called with.
pub fn arguments(ports: ClientPorts) -> Vec<String> {
    haproxy::on_host(vec![ports.write, ports.read]).arguments()
}
