//! Proxies in the inventory.

use schemars::JsonSchema;
use serde::Deserialize;

use crate::kernel::inventory::raw::RawSsh;
use crate::kernel::inventory::{Login, SshTarget, entry, raw_entry};
use crate::kernel::model::{Address, HostName, NodeName};

/// A host that passes the clients' connections on to data nodes.
#[derive(Debug, Clone)]
pub struct Proxy {
    pub name: NodeName,
    pub address: Address,
    pub host: HostName,
    pub ssh: SshTarget,
    pub kind: Kind,
}

entry!(Proxy, |it| it.kind.name());

/// The program that passes connections on.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Kind {
    #[default]
    Haproxy,
    Nginx,
    Proxysql,
}

impl Kind {
    pub const ALL: [Self; 3] = [Self::Haproxy, Self::Nginx, Self::Proxysql];

    /// Its name in the inventory, which is that of its program, of its unit, and of its role in plans.
    pub fn name(self) -> &'static str {
        match self {
            Self::Haproxy => "haproxy",
            Self::Nginx => "nginx",
            Self::Proxysql => "proxysql",
        }
    }

    /// The kind whose role in plans has this name.
    pub fn of_role(role: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.name() == role)
    }
}

/// A proxy as it is written.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct RawProxy {
    /// Its place in the list as written.
    #[serde(skip)]
    pub index: usize,
    /// What the proxy is called; no node and no arbitrator has this name.
    pub name: String,
    /// The address from which it reaches the nodes, and at which clients reach it.
    pub address: String,
    /// The program that passes connections on: `haproxy`, `nginx` or `proxysql`. Default: `haproxy`.
    #[serde(default)]
    pub kind: Option<Kind>,
    /// The address at which galactl reaches it. Default: the address.
    pub ssh_address: Option<String>,
    /// Overrides of the ssh section, but not of its files. Default: as `ssh`.
    pub ssh: Option<RawSsh>,
}

raw_entry!(RawProxy, "proxies");

impl RawProxy {
    pub fn resolved(&self, Login { name, address, host, ssh }: Login) -> Proxy {
        Proxy { name, address, host, ssh, kind: self.kind.unwrap_or_default() }
    }
}
