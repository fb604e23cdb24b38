//! Proxies in the inventory.

use schemars::JsonSchema;
use serde::Deserialize;

use super::ROLE;
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
}

impl From<Login> for Proxy {
    fn from(Login { name, address, host, ssh }: Login) -> Self {
        Self { name, address, host, ssh }
    }
}

entry!(Proxy, ROLE);

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

raw_entry!(RawProxy, "proxies");
