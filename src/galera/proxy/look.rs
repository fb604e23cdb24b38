//! Scanning a proxy's host.

use super::inventory::Kind;
use crate::galera::endpoint::Endpoint;
use crate::kernel::facts::{END, PROGRAM};

/// The pieces of the script.
pub fn script(kind: Kind) -> Vec<&'static str> {
    vec![PROGRAM, kind.program().opinion, END]
}

/// What the script is called with.
pub fn arguments(kind: Kind, endpoint: Endpoint) -> Vec<String> {
    kind.on_host(&[endpoint.write_port, endpoint.read_port]).arguments()
}
