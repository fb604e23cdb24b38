//! What everything is judged and planned from.

use crate::galera::config::Renderer;
use crate::galera::facts::HostFacts;
use crate::galera::inventory::{Inventory, Node};
use crate::galera::observation::Observation;

/// The inventory, and what was seen of its hosts.
#[derive(Clone, Copy)]
pub struct Basis<'a> {
    pub inventory: &'a Inventory,
    pub observation: &'a Observation,
    pub renderer: &'a Renderer,
}

impl<'a> Basis<'a> {
    /// The inventory's nodes in start order with their facts; nodes not seen are left out, and
    /// [`guards::reachable`] has refused by then.
    pub fn nodes(&self) -> impl Iterator<Item = (&'a Node, &'a HostFacts)> + use<'a> {
        let observation = self.observation;
        self.inventory.start_order().filter_map(move |node| Some((node, observation.facts(&node.name)?)))
    }
}
