//! Arbitrators in the inventory.

use schemars::JsonSchema;
use serde::Deserialize;

use super::ROLE;
use crate::galera::tls::inventory::RawCertificate;
use crate::kernel::inventory::raw::RawSsh;
use crate::kernel::inventory::{Login, Settings, SshTarget, entry, raw_entry};
use crate::kernel::model::{Address, HostName, NodeName};

/// Provider options of all nodes that an arbitrator must share: timing, segments and TLS of the group. The
/// rest is about data, or about the weight of a vote.
const OF_THE_GROUP: [&str; 3] = ["evs.", "gmcast.", "socket."];

/// A voting member without data (garbd).
#[derive(Debug, Clone)]
pub struct Arbitrator {
    pub name: NodeName,
    pub address: Address,
    pub host: HostName,
    pub ssh: SshTarget,
    /// The provider options that it must share with the nodes to talk to them, and its segment where it has one.
    pub provider_options: Settings,
}

entry!(Arbitrator, ROLE);

/// An arbitrator as it is written.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct RawArbitrator {
    /// Its place in the list as written.
    #[serde(skip)]
    pub index: usize,
    /// What the arbitrator is called; no node has this name.
    pub name: String,
    /// The address at which the nodes reach it.
    pub address: String,
    /// gmcast.segment: that of the nodes of its site, or one of its own. Default: 0.
    pub segment: Option<u8>,
    /// The address at which galactl reaches it. Default: the address.
    pub ssh_address: Option<String>,
    /// Overrides of the ssh section, but not of its files. Default: as `ssh`.
    pub ssh: Option<RawSsh>,
    /// A certificate that it brings along. Default: the CA of the section `tls` issues one.
    pub tls: Option<RawCertificate>,
}

raw_entry!(RawArbitrator, "arbitrators");

impl RawArbitrator {
    /// The arbitrator, where these are the provider options of all nodes.
    pub fn resolved(&self, login: Login, all: &Settings) -> Arbitrator {
        let Login { name, address, host, ssh } = login;
        Arbitrator { name, address, host, ssh, provider_options: self.options(all) }
    }

    fn options(&self, all: &Settings) -> Settings {
        let shared = |name: &str| OF_THE_GROUP.iter().any(|prefix| name.starts_with(prefix));
        let own = self.segment.map(|segment| ("gmcast.segment".to_owned(), segment.to_string()));
        let shared = all.iter().filter(|(name, _)| shared(name));
        shared.map(|(name, value)| (name.clone(), value.clone())).chain(own).collect()
    }
}
