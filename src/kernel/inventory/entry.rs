//! An entry of an inventory: what each has, whatever its role.

use serde::de::DeserializeOwned;

use super::SshTarget;
use super::raw::RawSsh;
use crate::kernel::model::{Address, HostName, NodeName};

/// An entry as it is written.
pub trait RawEntry: DeserializeOwned {
    /// The inventory's list of such entries.
    const LIST: &'static str;

    /// Takes its place in the list as written; some of the others may be unreadable.
    fn stand_at(&mut self, index: usize);

    fn written(&self) -> Written<'_>;

    /// Where it stands in the inventory: `nodes[2]`.
    fn path(&self) -> String {
        format!("{}[{}]", Self::LIST, self.written().index)
    }
}

/// What is written in every entry.
#[derive(Debug, Clone, Copy)]
pub struct Written<'a> {
    pub index: usize,
    pub name: &'a str,
    pub address: &'a str,
    pub ssh_address: Option<&'a str>,
    pub ssh: Option<&'a RawSsh>,
}

/// The same with defaults applied and every value valid. Its host is one of its own until entries on one machine are
/// brought together ([`super::settle_on_hosts`]).
#[derive(Debug, Clone)]
pub struct Login {
    pub name: NodeName,
    pub address: Address,
    pub host: HostName,
    pub ssh: SshTarget,
}

/// An entry of an inventory that has a role on a host.
pub trait Member {
    fn name(&self) -> &NodeName;
    fn host(&self) -> &HostName;
    /// The role's name, as it stands in the ids of steps.
    fn role(&self) -> &'static str;
}

/// A member as an inventory lists it.
pub trait Entry: Member {
    /// The address at which the other members reach it.
    fn address(&self) -> &Address;
    fn ssh(&self) -> &SshTarget;
    /// Says which machine it stands on.
    fn stand_on(&mut self, host: HostName);
}

/// Makes a type with the fields `name`, `address`, `host` and `ssh` an [`Entry`] of this role, or of the one that the
/// entry itself tells: `|it| it.kind.name()`.
macro_rules! entry {
    ($type:ty, |$entry:ident| $role:expr) => {
        impl $crate::kernel::inventory::Member for $type {
            fn name(&self) -> &$crate::kernel::model::NodeName {
                &self.name
            }

            fn host(&self) -> &$crate::kernel::model::HostName {
                &self.host
            }

            fn role(&self) -> &'static str {
                let $entry = self;
                $role
            }
        }

        impl $crate::kernel::inventory::Entry for $type {
            fn address(&self) -> &$crate::kernel::model::Address {
                &self.address
            }

            fn ssh(&self) -> &$crate::kernel::inventory::SshTarget {
                &self.ssh
            }

            fn stand_on(&mut self, host: $crate::kernel::model::HostName) {
                self.host = host;
            }
        }
    };
    ($type:ty, $role:expr) => {
        $crate::kernel::inventory::entry!($type, |_it| $role);
    };
}

/// Makes a type that has what is written in every entry, and its `index`, a [`RawEntry`] of this list.
macro_rules! raw_entry {
    ($type:ty, $list:literal) => {
        impl $crate::kernel::inventory::RawEntry for $type {
            const LIST: &'static str = $list;

            fn stand_at(&mut self, index: usize) {
                self.index = index;
            }

            fn written(&self) -> $crate::kernel::inventory::Written<'_> {
                $crate::kernel::inventory::Written {
                    index: self.index,
                    name: &self.name,
                    address: &self.address,
                    ssh_address: self.ssh_address.as_deref(),
                    ssh: self.ssh.as_ref(),
                }
            }
        }
    };
}

pub(crate) use {entry, raw_entry};
