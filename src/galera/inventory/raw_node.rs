//! A data node as it is written.

use schemars::JsonSchema;
use serde::Deserialize;

use crate::galera::tls::inventory::RawCertificate;
use crate::kernel::inventory::raw::{RawSettings, RawSsh};
use crate::kernel::inventory::raw_entry;

#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct RawNode {
    /// Its place in the list as written, where some of the others could not be read.
    #[serde(skip)]
    pub index: usize,
    /// `wsrep_node_name`, and what the node is called on galactl's command line.
    pub name: String,
    /// The address at which the other nodes reach it: an IP address, or a host name.
    pub address: String,
    /// gmcast.segment: nodes of one site share a number. Default: 0.
    pub segment: Option<u8>,
    /// The address at which galactl reaches it. Default: the address.
    pub ssh_address: Option<String>,
    /// Overrides of the ssh section, but not of its files. Default: as `ssh`.
    pub ssh: Option<RawSsh>,
    /// Server options for this node alone.
    pub mysqld: Option<RawSettings>,
    /// A certificate that it brings along. Default: the CA of the section `tls` issues one.
    pub tls: Option<RawCertificate>,
    /// wsrep provider options for this node alone.
    pub provider_options: Option<RawSettings>,
}

raw_entry!(RawNode, "nodes");
