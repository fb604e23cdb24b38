//! What was seen of all hosts of a cluster.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

use super::alter::Study;
use super::facts::{HostFacts, PortMatrix, Recovered, Tried, fingerprint};
use super::garbd;
use super::garbd::facts::ArbitratorFacts;
use super::health;
use super::health::facts::HealthFacts;
use super::inventory::ROLE;
use super::monitoring::Watching;
use super::monitoring::program::Service;
use super::proxy::facts::ProxyFacts;
use super::proxy::{Kind, Proxy};
use super::tls;
use super::tls::facts::TlsFacts;
use crate::kernel::facts::{Fingerprint, ProgramFacts, Seen};
use crate::kernel::inventory::Hosts;
use crate::kernel::keepalived;
use crate::kernel::keepalived::facts::SharingFacts;
use crate::kernel::model::{HostName, NodeName};

/// One look at all nodes of an inventory. Failing to see a node is a fact as well.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Observation {
    pub nodes: BTreeMap<NodeName, Seen<HostFacts>>,
    #[serde(default)]
    pub arbitrators: BTreeMap<NodeName, Seen<ArbitratorFacts>>,
    /// How each data node tells whether it serves; empty where the inventory has no endpoint.
    #[serde(default)]
    pub health: BTreeMap<NodeName, Seen<HealthFacts>>,
    #[serde(default)]
    pub proxies: BTreeMap<NodeName, Seen<ProxyFacts>>,
    /// How each proxy's host shares the endpoint's address; empty where there is none.
    #[serde(default)]
    pub sharing: BTreeMap<NodeName, Seen<SharingFacts>>,
    /// The certificates of data nodes and arbitrators; empty where the inventory has no section `tls`.
    #[serde(default)]
    pub certificates: BTreeMap<NodeName, Seen<TlsFacts>>,
    /// The programs of monitoring: by role, then by member; empty where the inventory has none.
    #[serde(default)]
    pub services: BTreeMap<String, BTreeMap<NodeName, Seen<ProgramFacts>>>,
    /// Nodes whose server lets their exporter log in.
    #[serde(default)]
    pub logs_in: BTreeSet<NodeName>,
    /// The URL to which alerts go has a value in this run.
    #[serde(default)]
    pub has_webhook: bool,
    /// What Prometheus says of its work; `None` where there is none, or no answer.
    #[serde(default)]
    pub watching: Option<Watching>,
    /// Who reaches whom; empty where that was not tried.
    #[serde(default)]
    pub ports: PortMatrix,
    /// Which option files the installed servers refuse; empty where none was tried.
    #[serde(default)]
    pub tried: BTreeMap<NodeName, Tried>,
    /// What `galactl lint` tells of a seed before its bootstrap.
    #[serde(default)]
    pub seed_schema: SeedSchema,
    /// How far the data of stopped nodes got; `None` where they were not asked.
    #[serde(default)]
    pub recovered: Option<BTreeMap<NodeName, Recovered>>,
    /// What the members told of a table that is to be changed; `None` where they were not asked.
    #[serde(default)]
    pub study: Option<Study>,
}

/// The databases of a seed; empty where nobody asked for them.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct SeedSchema {
    /// Rules that find something worse than a note, each with how often.
    pub found: Vec<(String, usize)>,
    /// What its server did not tell, and why.
    pub not_looked_at: Option<String>,
}

impl Observation {
    /// The facts of an arbitrator's host that was reached.
    pub fn arbitrator(&self, name: &NodeName) -> Option<&ArbitratorFacts> {
        facts_of(&self.arbitrators, name)
    }

    /// The facts of a proxy's host that was reached.
    pub fn proxy(&self, name: &NodeName) -> Option<&ProxyFacts> {
        facts_of(&self.proxies, name)
    }

    /// A proxy sends the writes to this node.
    pub fn takes_writes(&self, node: &NodeName) -> bool {
        let seen = self.proxies.keys().filter_map(|proxy| self.proxy(proxy));
        let mut writers = seen.filter_map(|facts| facts.opinion.as_ref()?.writer.as_ref());
        writers.any(|writer| writer == node)
    }

    /// A ProxySQL was not seen to be installed.
    pub fn may_lack_proxysql(&self, proxies: &[Proxy]) -> bool {
        let lacks =
            |proxy: &Proxy| self.proxy(&proxy.name).is_none_or(|facts| facts.program.package.is_none());
        proxies.iter().any(|proxy| proxy.kind == Kind::Proxysql && lacks(proxy))
    }

    /// How the host of a proxy that was reached shares the endpoint's address.
    pub fn sharing_of(&self, name: &NodeName) -> Option<&SharingFacts> {
        facts_of(&self.sharing, name)
    }

    /// A program of monitoring on the host of a member that was reached.
    pub fn service_of(&self, service: Service, member: &NodeName) -> Option<&ProgramFacts> {
        facts_of(self.services.get(service.role())?, member)
    }

    /// How a data node that was reached tells whether it serves.
    pub fn health_of(&self, name: &NodeName) -> Option<&HealthFacts> {
        facts_of(&self.health, name)
    }

    /// The certificates of a member that was reached.
    pub fn certificates_of(&self, name: &NodeName) -> Option<&TlsFacts> {
        facts_of(&self.certificates, name)
    }

    /// What a plan rests on of this host: the machine, and all members on it; `None` where one of them was
    /// not seen.
    pub fn fingerprint(&self, hosts: &Hosts, host: &HostName) -> Option<Fingerprint> {
        let mut whole = None::<Fingerprint>;
        // Work on the cluster does not rest on who watches it.
        for member in hosts.on(host).filter(|it| it.role != Service::Prometheus.role()) {
            let own = match member.role {
                garbd::ROLE => self.with_certificates(
                    &member.member,
                    self.arbitrator(&member.member)?.fingerprint(garbd::ROLE),
                ),
                role if Kind::of_role(role).is_some() => self.of_proxy(&member.member, role)?,
                _ => self.of_node(&member.member)?,
            };
            whole = Some(match whole {
                Some(whole) => whole.and(own),
                None => own,
            });
        }
        whole
    }

    fn of_proxy(&self, proxy: &NodeName, role: &str) -> Option<Fingerprint> {
        let own = self.proxy(proxy)?.fingerprint(role);
        Some(match self.sharing_of(proxy) {
            Some(sharing) => own.and(sharing.fingerprint(keepalived::ROLE)),
            None => own,
        })
    }

    fn of_node(&self, node: &NodeName) -> Option<Fingerprint> {
        let server = self.with_certificates(node, fingerprint(ROLE, self.facts(node)?));
        Some(match self.health_of(node) {
            Some(health) => server.and(health.fingerprint(health::ROLE)),
            None => server,
        })
    }

    fn with_certificates(&self, member: &NodeName, own: Fingerprint) -> Fingerprint {
        match self.certificates_of(member) {
            Some(certificates) => own.and(certificates.fingerprint(tls::ROLE)),
            None => own,
        }
    }

    /// The facts of a node that was reached.
    pub fn facts(&self, name: &NodeName) -> Option<&HostFacts> {
        facts_of(&self.nodes, name)
    }

    /// Nodes with their facts, in order of their names.
    pub fn seen(&self) -> impl Iterator<Item = (&NodeName, &HostFacts)> {
        self.nodes.keys().filter_map(|name| Some((name, self.facts(name)?)))
    }
}

fn facts_of<'a, Facts>(seen: &'a BTreeMap<NodeName, Seen<Facts>>, name: &NodeName) -> Option<&'a Facts> {
    match seen.get(name)? {
        Seen::Facts(facts) => Some(facts),
        Seen::Unreachable(_) => None,
    }
}
