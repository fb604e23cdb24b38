//! Proxies in the inventory.

use schemars::JsonSchema;
use serde::Deserialize;

use super::ROLE;
use crate::kernel::inventory::note::Note;
use crate::kernel::inventory::places::join;
use crate::kernel::inventory::raw::RawSsh;
use crate::kernel::inventory::text::shown;
use crate::kernel::inventory::{Login, RawEntry, SshTarget, Values, entry, raw_entry};
use crate::kernel::model::{Address, HostName, NodeName};

/// A host that passes the clients' connections on to data nodes.
#[derive(Debug, Clone)]
pub struct Proxy {
    pub name: NodeName,
    pub address: Address,
    pub host: HostName,
    pub ssh: SshTarget,
}

entry!(Proxy, ROLE);

/// A proxy as it is written.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct RawProxy {
    /// Its place in the list as written.
    #[serde(skip)]
    pub index: usize,
    /// What the proxy is called; no node and no machine of `etcd_hosts` has this name.
    pub name: String,
    /// The address from which it reaches the nodes, and at which clients reach it.
    pub address: String,
    /// The program that passes connections on: `haproxy`. Default: `haproxy`.
    #[serde(default)]
    pub kind: Option<String>,
    /// The address at which galactl reaches it. Default: the address.
    pub ssh_address: Option<String>,
    /// Overrides of the ssh section, but not of its files. Default: as `ssh`.
    pub ssh: Option<RawSsh>,
}

raw_entry!(RawProxy, "proxies");

impl RawProxy {
    /// The proxy. What is wrong is noted in `values`; `None`: so much that it is none.
    pub fn resolved(&self, values: &mut Values, common: &RawSsh) -> Option<Proxy> {
        if let Some(kind) = self.kind.as_ref().filter(|kind| *kind != ROLE) {
            let message = format!("`{}` is no proxy that galactl sets up before PostgreSQL", shown(kind));
            let note = Note::error("proxy-kind", join(&self.path(), "kind"), message);
            values.notes.push(note.hint("write `kind: haproxy`, or remove the line"));
        }
        let Login { name, address, host, ssh } = values.login(self, common)?;
        Some(Proxy { name, address, host, ssh })
    }
}
