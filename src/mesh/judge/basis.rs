//! What everything is judged by.

use std::collections::BTreeMap;

use crate::mesh::facts::{HostFacts, Member};
use crate::mesh::inventory::{Inventory, Node};
use crate::mesh::model::{DatabaseName, subscription};
use crate::mesh::observation::Observation;

/// An inventory, and one look at its hosts.
#[derive(Debug, Clone, Copy)]
pub struct Basis<'a> {
    pub inventory: &'a Inventory,
    pub observation: &'a Observation,
}

impl<'a> Basis<'a> {
    /// The nodes that were seen, in the order of the inventory.
    pub fn nodes(&self) -> impl Iterator<Item = (&'a Node, &'a HostFacts)> {
        let observation = self.observation;
        self.inventory.nodes.iter().filter_map(move |node| Some((node, observation.facts(&node.name)?)))
    }

    pub fn databases(&self) -> Vec<&'a DatabaseName> {
        self.inventory.databases.iter().map(|database| &database.name).collect()
    }

    /// It is a member of this mesh in every database.
    pub fn is_member(&self, node: &Node, facts: &HostFacts) -> bool {
        facts.is_member(&node.name, self.inventory.cluster.as_str(), &self.databases())
    }

    /// Nodes that have entered themselves into this mesh in one of the databases at least.
    pub fn entered(&self) -> Vec<(&'a Node, &'a HostFacts)> {
        let mesh = self.inventory.cluster.as_str();
        let is_in = |node: &Node, facts: &HostFacts| {
            self.databases().into_iter().any(|name| facts.is_member(&node.name, mesh, &[name]))
        };
        self.nodes().filter(|(node, facts)| is_in(node, facts)).collect()
    }

    /// It takes itself for a member, and another member that answers has nothing of it any more: it was removed while it was
    /// out of reach.
    pub fn is_forgotten(&self, node: &Node) -> bool {
        let knows = |other: &Node, facts: &HostFacts| {
            let mut told = self.databases().into_iter().filter_map(|name| facts.database(name));
            told.any(|it| {
                it.member(&node.name).is_some()
                    || it.subscription(&subscription(&other.name, &node.name)).is_some()
            })
        };
        let entered = self.entered();
        let is_one = entered.iter().any(|(it, _)| it.name == node.name);
        let mut others = entered.iter().filter(|(it, facts)| it.name != node.name && facts.live().is_some());
        is_one && others.any(|(other, facts)| !knows(other, facts))
    }

    /// The members that were seen.
    pub fn members(&self) -> Vec<(&'a Node, &'a HostFacts)> {
        self.nodes().filter(|(node, facts)| self.is_member(node, facts)).collect()
    }

    /// Who is a member by the word of galactl's own table on any node, whether it was seen or not. A copy that is still to
    /// become a member has the table of another node, so its word does not count.
    pub fn told_members(&self) -> BTreeMap<&'a str, &'a Member> {
        let mut told = BTreeMap::new();
        for (_, facts) in self.nodes().filter(|(_, facts)| facts.datadir.joining.is_none()) {
            for database in self.databases().into_iter().filter_map(|name| facts.database(name)) {
                let own = database.members.iter().flatten();
                let own = own.filter(|member| member.mesh == self.inventory.cluster.as_str());
                told.extend(own.map(|member| (member.name.as_str(), member)));
            }
        }
        told
    }
}
