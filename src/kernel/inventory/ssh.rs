//! How galactl logs in.

use crate::kernel::model::Address;

/// SSH settings that hold for the whole run. Paths are as written, relative to the inventory.
#[derive(Debug, Clone, Default)]
pub struct SshFiles {
    pub config: Option<String>,
    pub known_hosts: Option<String>,
}

/// How galactl logs in to one host.
#[derive(Debug, Clone)]
pub struct SshTarget {
    pub address: Address,
    pub user: String,
    pub port: Option<u16>,
    pub key: Option<String>,
    pub jump: Option<String>,
    pub sudo: bool,
}

impl SshTarget {
    /// Both lead to one machine, as far as an inventory tells. The user counts: some bastions choose the machine
    /// by it.
    pub fn is_same_machine(&self, other: &Self) -> bool {
        let way =
            |target: &Self| (target.address.clone(), target.user.clone(), target.port, target.jump.clone());
        way(self) == way(other)
    }
}
