//! Connections for group communication between a world's members.

use std::collections::BTreeSet;
use std::net::IpAddr;

use super::cluster::{address, name};
use super::world::World;

fn ip(index: usize) -> IpAddr {
    address(index).parse().unwrap()
}

impl World {
    /// Each member has a connection with every other one.
    pub fn link_all(&mut self) {
        let all: BTreeSet<_> = (0..self.inventory.nodes.len()).map(ip).collect();
        let votes: Vec<IpAddr> =
            self.inventory.arbitrators().iter().map(|it| it.address.to_string().parse().unwrap()).collect();
        for node in self.primary() {
            let host = self.facts_mut(&node);
            host.group_peers = Some(all.iter().copied().chain(votes.clone()).collect());
        }
    }

    /// Nodes are counted from 0.
    pub fn cut(&mut self, one: usize, other: usize) {
        for (from, to) in [(one, other), (other, one)] {
            self.facts_mut(&name(from)).group_peers.as_mut().unwrap().remove(&ip(to));
        }
    }
}
