//! Members of one view between which there is no connection: others carry their messages, until those leave.

use std::collections::BTreeSet;
use std::net::IpAddr;

use super::Basis;
use super::component::members;
use crate::galera::facts::HostFacts;
use crate::galera::inventory::Node;
use crate::kernel::model::{Address, NodeName};

/// A member, as far as its links can be told.
#[derive(Debug, Clone)]
pub struct LinkEnd {
    pub node: NodeName,
    /// All addresses of its host; empty where they are not known.
    addresses: BTreeSet<IpAddr>,
    /// With whom it has connections; `None` where it does not tell.
    peers: Option<BTreeSet<IpAddr>>,
}

impl LinkEnd {
    /// A member that has no connection at all is none: what its host tells is not of its server.
    pub fn new(node: &NodeName, addresses: BTreeSet<IpAddr>, peers: Option<BTreeSet<IpAddr>>) -> Self {
        Self { node: node.clone(), addresses, peers: peers.filter(|peers| !peers.is_empty()) }
    }

    /// `None`: neither of the two can tell.
    fn reaches(&self, other: &Self) -> Option<bool> {
        let sees = |one: &Self, other: &Self| {
            let peers = one.peers.as_ref().filter(|_| !other.addresses.is_empty())?;
            Some(!peers.is_disjoint(&other.addresses))
        };
        match (sees(self, other), sees(other, self)) {
            (None, None) => None,
            (one, other) => Some(one == Some(true) || other == Some(true)),
        }
    }
}

/// The pairs without a connection. Each member keeps one with every other, in whatever segment.
pub fn missing(ends: &[LinkEnd]) -> Vec<(&NodeName, &NodeName)> {
    let later = |(at, one)| ends.iter().skip(at + 1).map(move |other| (one, other));
    let pairs = ends.iter().enumerate().flat_map(later);
    let missing = pairs.filter(|(one, other): &(&LinkEnd, &LinkEnd)| one.reaches(other) == Some(false));
    missing.map(|(one, other)| (&one.node, &other.node)).collect()
}

/// The members of the first one's view. In another component nobody has a connection with them.
pub fn data_nodes(basis: &Basis<'_>) -> Vec<LinkEnd> {
    let standing = members(basis);
    let Some(first) = standing.first() else { return Vec::new() };
    let together = standing.iter().filter(|member| member.live.shares_view(first.live));
    together.map(|member| end(member.node, member.facts)).collect()
}

fn end(node: &Node, facts: &HostFacts) -> LinkEnd {
    let addresses = with(&node.address, &facts.machine.addresses);
    LinkEnd::new(&node.name, addresses, facts.group_peers.clone())
}

/// All addresses of a host by which others may know it. Every host has the local ones.
pub fn with(address: &Address, own: &BTreeSet<IpAddr>) -> BTreeSet<IpAddr> {
    let given = match address {
        Address::Ip(ip) => Some(*ip),
        Address::Host(_) => None,
    };
    own.iter().copied().chain(given).filter(|ip| !ip.is_loopback()).map(|ip| ip.to_canonical()).collect()
}
