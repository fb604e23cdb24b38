//! What was seen of all hosts of a cluster.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

use super::facts::{
    Answer, EtcdEndpoint, EtcdFacts, EtcdHostFacts, HostFacts, Initialize, Line, Recovered, ScopeKeys,
    SeedFacts, SystemId, WalDigests, fingerprint, fingerprint_of_etcd,
};
use crate::kernel::facts::{Fingerprint, PortMatrix, Seen, Unseen};
use crate::kernel::inventory::Hosts;
use crate::kernel::keepalived;
use crate::kernel::keepalived::facts::SharingFacts;
use crate::kernel::model::{HostName, NodeName};
use crate::patroni::inventory::{ETCD_ROLE, ROLE};
use crate::patroni::model::Service;
use crate::patroni::proxy;
use crate::patroni::proxy::facts::ProxyFacts;

/// One look at all hosts of an inventory. Failing to see one is a fact as well.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Observation {
    pub nodes: BTreeMap<NodeName, Seen<HostFacts>>,
    /// Machines that only keep the store.
    #[serde(default)]
    pub etcd_hosts: BTreeMap<NodeName, Seen<EtcdHostFacts>>,
    #[serde(default)]
    pub proxies: BTreeMap<NodeName, Seen<ProxyFacts>>,
    /// How each proxy's host shares the endpoint's address; empty where there is none.
    #[serde(default)]
    pub sharing: BTreeMap<NodeName, Seen<SharingFacts>>,
    /// How far the data of stopped nodes got; `None` where they were not asked.
    #[serde(default)]
    pub recovered: Option<BTreeMap<NodeName, Recovered>>,
    /// What the seed has beside its data; `None` where it was not asked.
    #[serde(default)]
    pub seed: Option<SeedFacts>,
    /// The WAL of nodes before the places where their histories meet, as far as it was compared.
    #[serde(default)]
    pub digests: BTreeMap<NodeName, WalDigests>,
    /// Whoever runs was given time to choose a primary, and none came.
    #[serde(default)]
    pub awaited: bool,
    /// Which host reaches which other one; empty where nobody has looked.
    #[serde(default)]
    pub ports: PortMatrix<Service>,
}

/// Which of Patroni's two stores in etcd a key is in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Store {
    V2,
    V3,
}

/// Whether the store says that the cluster has been born.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Born {
    /// The key `initialize` is there: its values by where they stand. More than one value is a contradiction.
    Yes(BTreeMap<Store, Vec<Initialize>>),
    /// A quorum agrees that it is in neither store.
    No,
    /// Nobody keeps a store: no etcd runs on any host, and all were seen. Data of a stopped etcd may be there
    /// ([`EtcdFacts::datadirs`]).
    NoStore,
    /// It cannot be told, and why.
    Unknown(Vec<String>),
}

impl Observation {
    /// The facts of a node that was reached.
    pub fn facts(&self, name: &NodeName) -> Option<&HostFacts> {
        facts_of(&self.nodes, name)
    }

    /// Nodes with their facts, in order of their names.
    pub fn seen(&self) -> impl Iterator<Item = (&NodeName, &HostFacts)> {
        self.nodes.keys().filter_map(|name| Some((name, self.facts(name)?)))
    }

    /// Nodes and members of etcd that were not seen: anything may run there. No data is on a proxy.
    pub fn unseen(&self) -> impl Iterator<Item = (&NodeName, &Unseen)> {
        self.nodes.iter().filter_map(why).chain(self.etcd_hosts.iter().filter_map(why))
    }

    /// The facts of an etcd host that was reached.
    pub fn etcd_host(&self, name: &NodeName) -> Option<&EtcdHostFacts> {
        facts_of(&self.etcd_hosts, name)
    }

    /// The facts of a proxy whose host was reached.
    pub fn proxy(&self, name: &NodeName) -> Option<&ProxyFacts> {
        facts_of(&self.proxies, name)
    }

    /// How the host of a proxy that was reached shares the address.
    pub fn sharing_of(&self, name: &NodeName) -> Option<&SharingFacts> {
        facts_of(&self.sharing, name)
    }

    fn of_proxy(&self, proxy: &NodeName) -> Option<Fingerprint> {
        let own = self.proxy(proxy)?.fingerprint(proxy::ROLE);
        Some(match self.sharing_of(proxy) {
            Some(sharing) => own.and(sharing.fingerprint(keepalived::ROLE)),
            None => own,
        })
    }

    /// etcd on every host that was reached.
    pub fn etcd(&self) -> impl Iterator<Item = (&NodeName, &EtcdFacts)> {
        let of_nodes = self.seen().map(|(name, facts)| (name, &facts.etcd));
        let of_hosts = self.etcd_hosts.keys().filter_map(|name| Some((name, &self.etcd_host(name)?.etcd)));
        of_nodes.chain(of_hosts)
    }

    /// Nodes whose server says that it is no standby. More than one at a time is a split brain.
    pub fn primaries(&self) -> impl Iterator<Item = (&NodeName, &HostFacts)> {
        self.seen().filter(|(_, facts)| facts.is_primary())
    }

    /// Nodes where a server may run that was not asked: not seen, or no answer.
    pub fn may_be_primary(&self) -> BTreeSet<&NodeName> {
        let silent = self.seen().filter(|(_, facts)| facts.live().is_none() && facts.server_runs());
        let unseen = self.nodes.iter().filter_map(why).map(|(name, _)| name);
        silent.map(|(name, _)| name).chain(unseen).collect()
    }

    /// Whose data has which identity.
    pub fn system_ids(&self) -> BTreeMap<&SystemId, Vec<&NodeName>> {
        let mut ids: BTreeMap<_, Vec<_>> = BTreeMap::new();
        for (name, facts) in self.seen() {
            if let Some(id) = facts.system_id() {
                ids.entry(id).or_default().push(name);
            }
        }
        ids
    }

    /// Nodes that were reached and may have data that was not seen, with the reason.
    pub fn hidden(&self) -> impl Iterator<Item = (&NodeName, &str)> {
        self.seen().filter_map(|(name, facts)| Some((name, facts.hidden()?)))
    }

    /// Every answer of an etcd endpoint, with the host that asked.
    pub fn endpoints(&self) -> impl Iterator<Item = (&NodeName, &str, &EtcdEndpoint)> {
        self.etcd().flat_map(|(name, etcd)| {
            etcd.endpoints.iter().map(move |(at, endpoint)| (name, at.as_str(), endpoint))
        })
    }

    /// The keys as a quorum has agreed on them; `None` where no endpoint told them.
    pub fn agreed(&self, store: Store) -> Option<&ScopeKeys> {
        self.endpoints().find_map(|(_, _, endpoint)| agreed(endpoint, store).told())
    }

    /// Whether the store says that the cluster has been born. What one member alone says counts as a yes, and
    /// never as a no.
    pub fn born(&self) -> Born {
        let mut values: BTreeMap<Store, Vec<Initialize>> = BTreeMap::new();
        for (_, _, endpoint) in self.endpoints() {
            for (store, keys) in [(Store::V2, &endpoint.v2), (Store::V3, &endpoint.v3)] {
                for told in [&keys.agreed, &keys.own].into_iter().filter_map(Answer::told) {
                    let known = values.entry(store).or_default();
                    known.extend(told.initialize.clone().filter(|it| !known.contains(it)));
                }
            }
        }
        values.retain(|_, known| !known.is_empty());
        if !values.is_empty() {
            return Born::Yes(values);
        }
        self.not_born()
    }

    fn not_born(&self) -> Born {
        let told = |store| self.agreed(store).is_some();
        // An etcd that does not serve the second API has no keys that Patroni could have put there by it.
        let off = self.endpoints().any(|(_, _, endpoint)| endpoint.v2.agreed.is_nobody());
        if told(Store::V3) && (told(Store::V2) || off) {
            return Born::No;
        }
        let mut reasons: Vec<_> = self.unseen().map(|(name, why)| format!("{name}: {why}")).collect();
        for (name, at, endpoint) in self.endpoints() {
            let whys = [&endpoint.v3.agreed, &endpoint.v2.agreed].into_iter().filter_map(Answer::unseen);
            reasons.extend(whys.map(|why| format!("{name} asked {at}: {why}")));
        }
        let running = self.etcd().filter(|(_, etcd)| etcd.runs());
        reasons.extend(running.map(|(name, _)| format!("etcd runs on {name}, and did not tell its keys")));
        if reasons.is_empty() { Born::NoStore } else { Born::Unknown(reasons) }
    }

    /// How far a node's data goes: from its running server, or else from what `recover.sh` found.
    pub fn line(&self, name: &NodeName) -> Option<Line> {
        let facts = self.facts(name)?;
        facts.line().or_else(|| self.recovered.as_ref()?.get(name)?.line(&facts.datadir))
    }

    /// What a plan rests on of this host: the machine, and all members on it; `None` where one of them was not
    /// seen.
    pub fn fingerprint(&self, hosts: &Hosts, host: &HostName) -> Option<Fingerprint> {
        let mut whole = None::<Fingerprint>;
        for member in hosts.on(host) {
            // The facts of a data node tell of the etcd beside it.
            if member.role == ETCD_ROLE && self.nodes.contains_key(&member.member) {
                continue;
            }
            let own = match member.role {
                ETCD_ROLE => fingerprint_of_etcd(ETCD_ROLE, self.etcd_host(&member.member)?),
                proxy::ROLE => self.of_proxy(&member.member)?,
                _ => fingerprint(ROLE, self.facts(&member.member)?),
            };
            whole = Some(match whole {
                Some(whole) => whole.and(own),
                None => own,
            });
        }
        whole
    }
}

fn agreed(endpoint: &EtcdEndpoint, store: Store) -> &Answer<ScopeKeys> {
    match store {
        Store::V2 => &endpoint.v2.agreed,
        Store::V3 => &endpoint.v3.agreed,
    }
}

fn why<'a, Facts>((name, seen): (&'a NodeName, &'a Seen<Facts>)) -> Option<(&'a NodeName, &'a Unseen)> {
    match seen {
        Seen::Facts(_) => None,
        Seen::Unreachable(why) => Some((name, why)),
    }
}

fn facts_of<'a, Facts>(seen: &'a BTreeMap<NodeName, Seen<Facts>>, name: &NodeName) -> Option<&'a Facts> {
    match seen.get(name)? {
        Seen::Facts(facts) => Some(facts),
        Seen::Unreachable(_) => None,
    }
}
