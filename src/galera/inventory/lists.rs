//! The lists of an inventory: one for the data nodes, and one for each role that stands beside them. A new role has
//! its lines in this file.

use schemars::JsonSchema;

use super::one_host::Role;
use super::raw_node::RawNode;
use super::{Inventory, Node};
use crate::galera::garbd::inventory::RawArbitrator;
use crate::kernel::inventory::raw::RawSsh;
use crate::kernel::inventory::{Entry, RawEntry, Reader, Settings, Values};
use crate::kernel::model::NodeName;

pub use crate::galera::garbd::Arbitrator;

/// The lists of those roles.
pub const BESIDE: [&str; 1] = [RawArbitrator::LIST];

/// What may stand beside the data nodes, as it is written.
#[derive(Debug, Default, JsonSchema)]
pub struct RawBeside {
    /// Arbitrators (garbd): they vote and hold no data.
    #[schemars(with = "Option<Vec<RawArbitrator>>")]
    arbitrators: Vec<RawArbitrator>,
}

/// The members beside the data nodes.
#[derive(Debug, Clone, Default)]
pub struct Beside {
    arbitrators: Vec<Arbitrator>,
}

impl RawBeside {
    pub fn read(reader: &mut Reader<'_>) -> Self {
        Self { arbitrators: reader.list() }
    }

    /// `options`: the provider options of all nodes.
    pub fn resolve(&self, values: &mut Values, common: &RawSsh, options: &Settings) -> Beside {
        let arbitrator = |it: &RawArbitrator| Some(it.resolved(values.login(it, common)?, options));
        Beside { arbitrators: self.arbitrators.iter().filter_map(arbitrator).collect() }
    }
}

/// An entry, and where it stands in the inventory: `nodes[2]`.
pub struct Listed<'a> {
    pub path: String,
    pub role: Role,
    pub entry: &'a dyn Entry,
}

/// Every entry: the data nodes, then the others.
pub fn entries<'a>(nodes: &'a [Node], beside: &'a Beside) -> Vec<Listed<'a>> {
    let mut all = Vec::new();
    add(&mut all, RawNode::LIST, Role::Node, nodes);
    add(&mut all, RawArbitrator::LIST, Role::Arbitrator, &beside.arbitrators);
    all
}

fn add<'a>(all: &mut Vec<Listed<'a>>, list: &str, role: Role, entries: &'a [impl Entry]) {
    let entries = entries.iter().map(|entry| entry as &dyn Entry).enumerate();
    all.extend(entries.map(|(index, entry)| Listed { path: format!("{list}[{index}]"), role, entry }));
}

/// The same entries in the same order, to be changed.
pub fn entries_mut<'a>(nodes: &'a mut [Node], beside: &'a mut Beside) -> Vec<&'a mut dyn Entry> {
    let arbitrators = beside.arbitrators.iter_mut().map(|it| it as &mut dyn Entry);
    nodes.iter_mut().map(|it| it as &mut dyn Entry).chain(arbitrators).collect()
}

impl Inventory {
    /// Every member of the cluster: data nodes, then the others.
    pub fn entries(&self) -> Vec<Listed<'_>> {
        entries(&self.nodes, &self.beside)
    }

    pub fn arbitrators(&self) -> &[Arbitrator] {
        &self.beside.arbitrators
    }

    pub fn arbitrator(&self, name: &NodeName) -> Option<&Arbitrator> {
        self.arbitrators().iter().find(|arbitrator| &arbitrator.name == name)
    }
}
