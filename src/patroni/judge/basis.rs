//! What everything is judged and planned from.

use crate::kernel::model::NodeName;
use crate::patroni::facts::{EtcdFacts, HostFacts};
use crate::patroni::inventory::{Inventory, Node};
use crate::patroni::model::POSTGRESQL_PORT;
use crate::patroni::observation::Observation;

/// The inventory, and what was seen of its hosts.
#[derive(Clone, Copy)]
pub struct Basis<'a> {
    pub inventory: &'a Inventory,
    pub observation: &'a Observation,
}

impl<'a> Basis<'a> {
    /// The inventory's data nodes in its order with their facts; nodes not seen are left out, and
    /// [`reach::unseen`](super::reach::unseen) has refused by then.
    pub fn nodes(&self) -> impl Iterator<Item = (&'a Node, &'a HostFacts)> + use<'a> {
        let observation = self.observation;
        self.inventory.nodes.iter().filter_map(move |node| Some((node, observation.facts(&node.name)?)))
    }

    /// The words with which psql is called on a node, as whoever may do everything.
    pub fn psql(&self) -> String {
        match self.inventory.postgresql.port {
            POSTGRESQL_PORT => "sudo -u postgres psql".to_owned(),
            port => format!("sudo -u postgres psql -p {port}"),
        }
    }

    /// etcd on the host of this member; `None`: the host was not seen.
    pub fn etcd_of(&self, member: &NodeName) -> Option<&'a EtcdFacts> {
        self.observation.etcd().find(|(name, _)| *name == member).map(|(_, etcd)| etcd)
    }
}
