//! The lists of an inventory: one for the data nodes, and one for each role that stands beside them. A new role has
//! its lines in this file.

use std::net::IpAddr;

use schemars::JsonSchema;

use super::one_host::Role;
use super::raw_node::RawNode;
use super::{Inventory, Node};
use crate::galera::garbd::inventory::RawArbitrator;
use crate::galera::monitoring::Watcher;
use crate::galera::monitoring::inventory::RawWatcher;
use crate::galera::proxy::inventory::RawProxy;
use crate::galera::tls::Clients;
use crate::galera::tls::inventory::RawCertificate;
use crate::kernel::inventory::entries::{self, listed};
use crate::kernel::inventory::raw::RawSsh;
use crate::kernel::inventory::{Entry, RawEntry, Reader, Settings, Values};
use crate::kernel::keepalived::VirtualAddress;
use crate::kernel::model::{Address, NodeName};

pub use crate::galera::garbd::Arbitrator;
pub use crate::galera::proxy::Proxy;

/// The lists of those roles.
pub const BESIDE: [&str; 2] = [RawArbitrator::LIST, RawProxy::LIST];

/// What may stand beside the data nodes, as it is written.
#[derive(Debug, Default, JsonSchema)]
pub struct RawBeside {
    /// Arbitrators (garbd): they vote and hold no data.
    #[schemars(with = "Option<Vec<RawArbitrator>>")]
    arbitrators: Vec<RawArbitrator>,
    /// Proxies in front of the data nodes: what applications connect to.
    #[schemars(with = "Option<Vec<RawProxy>>")]
    proxies: Vec<RawProxy>,
}

/// The members beside the data nodes.
#[derive(Debug, Clone, Default)]
pub struct Beside {
    arbitrators: Vec<Arbitrator>,
    proxies: Vec<Proxy>,
    /// The host of Prometheus, which the section `monitoring` names.
    pub watcher: Option<Watcher>,
}

impl RawBeside {
    pub fn read(reader: &mut Reader<'_>) -> Self {
        Self { arbitrators: reader.list(), proxies: reader.list() }
    }

    /// `options`: the provider options of all nodes.
    pub fn resolve(&self, values: &mut Values, common: &RawSsh, options: &Settings) -> Beside {
        let arbitrator = |it: &RawArbitrator| Some(it.resolved(values.login(it, common)?, options));
        let arbitrators = self.arbitrators.iter().filter_map(arbitrator).collect();
        let proxy = |it: &RawProxy| Some(it.resolved(values.login(it, common)?));
        Beside { arbitrators, proxies: self.proxies.iter().filter_map(proxy).collect(), watcher: None }
    }
}

impl RawBeside {
    /// The arbitrators: where each stands, its name, and the certificate that it brings along.
    pub fn certificates(&self) -> impl Iterator<Item = (String, &String, Option<&RawCertificate>)> {
        self.arbitrators.iter().map(|it| (it.path(), &it.name, it.tls.as_ref()))
    }
}

impl Beside {
    pub fn arbitrators_mut(&mut self) -> &mut [Arbitrator] {
        &mut self.arbitrators
    }

    pub fn proxies(&self) -> &[Proxy] {
        &self.proxies
    }
}

/// An entry with its role, and where it stands in the inventory: `nodes[2]`.
pub type Listed<'a> = entries::Listed<'a, Role>;

/// Every entry: the data nodes, then the others.
pub fn entries<'a>(nodes: &'a [Node], beside: &'a Beside) -> Vec<Listed<'a>> {
    let mut all = listed(RawNode::LIST, Role::Node, nodes);
    all.extend(listed(RawArbitrator::LIST, Role::Arbitrator, &beside.arbitrators));
    all.extend(listed(RawProxy::LIST, Role::Proxy, &beside.proxies));
    let watcher = beside.watcher.iter().map(|it| it as &dyn Entry);
    all.extend(watcher.map(|entry| Listed { path: RawWatcher::LIST.into(), role: Role::Watcher, entry }));
    all
}

/// The same entries in the same order, to be changed.
pub fn entries_mut<'a>(nodes: &'a mut [Node], beside: &'a mut Beside) -> Vec<&'a mut dyn Entry> {
    let arbitrators = beside.arbitrators.iter_mut().map(|it| it as &mut dyn Entry);
    let proxies = beside.proxies.iter_mut().map(|it| it as &mut dyn Entry);
    let watcher = beside.watcher.iter_mut().map(|it| it as &mut dyn Entry);
    nodes.iter_mut().map(|it| it as &mut dyn Entry).chain(arbitrators).chain(proxies).chain(watcher).collect()
}

impl Inventory {
    /// Every member of the cluster: data nodes, then the others.
    pub fn entries(&self) -> Vec<Listed<'_>> {
        entries(&self.nodes, &self.beside)
    }

    pub fn arbitrators(&self) -> &[Arbitrator] {
        &self.beside.arbitrators
    }

    pub fn proxies(&self) -> &[Proxy] {
        self.beside.proxies()
    }

    /// The host of Prometheus.
    pub fn watcher(&self) -> Option<&Watcher> {
        self.beside.watcher.as_ref()
    }

    /// The addresses that may read HAProxy's metrics; empty: HAProxy offers no metrics. A host name is left out:
    /// HAProxy looks it up before it starts, and does not start where that fails.
    pub fn proxies_asked_from(&self) -> Vec<IpAddr> {
        let exporters = self.monitoring.as_ref().is_some_and(|monitoring| monitoring.exporters);
        self.asked_from().filter(|_| exporters).filter_map(Address::ip).collect()
    }

    /// The addresses from which exporters are asked.
    pub fn asked_from(&self) -> impl Iterator<Item = &Address> {
        let others = self.monitoring.iter().flat_map(|monitoring| &monitoring.asked_from);
        others.chain(self.watcher().map(|watcher| &watcher.address))
    }

    /// The address that the proxies share.
    pub fn shared_address(&self) -> Option<VirtualAddress> {
        self.endpoint?.virtual_address
    }

    /// Servers are to offer TLS to clients, with the certificates of the section `tls`.
    pub fn offers_tls_to_clients(&self) -> bool {
        self.tls.as_ref().is_some_and(|tls| tls.clients != Clients::Off)
    }

    /// Servers are to turn away clients that come over the network without TLS.
    pub fn requires_tls_of_clients(&self) -> bool {
        self.tls.as_ref().is_some_and(|tls| tls.clients == Clients::Required)
    }

    /// Clients reach this proxy by IPv6, at its own address or at the shared one.
    pub fn has_clients_on_ipv6(&self, proxy: &Proxy) -> bool {
        let shared = self.shared_address().is_some_and(|shared| shared.address.is_ipv6());
        shared || matches!(proxy.address, Address::Ip(address) if address.is_ipv6())
    }

    pub fn proxy(&self, name: &NodeName) -> Option<&Proxy> {
        self.proxies().iter().find(|proxy| &proxy.name == name)
    }

    pub fn arbitrator(&self, name: &NodeName) -> Option<&Arbitrator> {
        self.arbitrators().iter().find(|arbitrator| &arbitrator.name == name)
    }
}
