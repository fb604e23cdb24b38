//! Proxies in the inventory.

use schemars::JsonSchema;
use serde::Deserialize;

use super::ROLE;
use crate::kernel::inventory::raw::RawSsh;
use crate::kernel::inventory::{Entry, Login, Member, RawEntry, SshTarget, Written};
use crate::kernel::model::{Address, HostName, NodeName};

/// A host that passes the clients' connections on to data nodes.
#[derive(Debug, Clone)]
pub struct Proxy {
    pub name: NodeName,
    pub address: Address,
    pub host: HostName,
    pub ssh: SshTarget,
}

impl From<Login> for Proxy {
    fn from(Login { name, address, host, ssh }: Login) -> Self {
        Self { name, address, host, ssh }
    }
}

impl Member for Proxy {
    fn name(&self) -> &NodeName {
        &self.name
    }

    fn host(&self) -> &HostName {
        &self.host
    }

    fn role(&self) -> &'static str {
        ROLE
    }
}

impl Entry for Proxy {
    fn address(&self) -> &Address {
        &self.address
    }

    fn ssh(&self) -> &SshTarget {
        &self.ssh
    }

    fn stand_on(&mut self, host: HostName) {
        self.host = host;
    }
}

/// The program that passes connections on.
#[derive(Debug, Clone, Copy, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Kind {
    Haproxy,
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
    /// The program that passes connections on: `haproxy`. Default: `haproxy`.
    #[serde(default)]
    pub kind: Option<Kind>,
    /// The address at which galactl reaches it. Default: the address.
    pub ssh_address: Option<String>,
    /// Overrides of the ssh section, but not of its files. Default: as `ssh`.
    pub ssh: Option<RawSsh>,
}

impl RawEntry for RawProxy {
    const LIST: &'static str = "proxies";

    fn stand_at(&mut self, index: usize) {
        self.index = index;
    }

    fn written(&self) -> Written<'_> {
        Written {
            index: self.index,
            name: &self.name,
            address: &self.address,
            ssh_address: self.ssh_address.as_deref(),
            ssh: self.ssh.as_ref(),
        }
    }
}
