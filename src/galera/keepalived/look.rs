//! Scanning how a proxy's host shares the address.

use super::on_host;
use crate::galera::endpoint::VirtualAddress;
use crate::galera::proxy::Proxy;
use crate::kernel::facts::{END, PROGRAM};

/// The pieces of the script.
pub const SCRIPT: [&str; 3] = [include_str!("look.sh"), PROGRAM, END];

/// What it is called with.
pub fn arguments(proxy: &Proxy, shared: VirtualAddress) -> Vec<String> {
    let own = [proxy.address.to_string(), shared.address.to_string()];
    own.into_iter().chain(on_host().arguments()).collect()
}
