//! Looking at how a proxy's host shares the address.

use super::VirtualAddress;
use super::program::on_host;
use crate::kernel::facts::{END, PROGRAM};
use crate::kernel::model::Address;

/// The pieces of the script, which need those of the machine before them.
pub const SCRIPT: [&str; 3] = [include_str!("look.sh"), PROGRAM, END];

/// What it is called with. `own`: the address of the host itself.
pub fn arguments(own: &Address, shared: VirtualAddress) -> Vec<String> {
    let addresses = [own.to_string(), shared.address.to_string()];
    addresses.into_iter().chain(on_host().arguments()).collect()
}
