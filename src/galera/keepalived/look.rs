//! Looking at how a proxy's host shares the address.

use super::settings::FILE;
use super::{PACKAGE, UNIT};
use crate::galera::endpoint::VirtualAddress;
use crate::galera::proxy::Proxy;

/// The script.
pub const SCRIPT: &str = include_str!("look.sh");

/// What it is called with.
pub fn arguments(proxy: &Proxy, shared: VirtualAddress) -> Vec<String> {
    let own = proxy.address.to_string();
    [UNIT, PACKAGE, FILE, &own, &shared.address.to_string()].map(str::to_owned).to_vec()
}
