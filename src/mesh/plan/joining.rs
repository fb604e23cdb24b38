//! Nodes come to members: each copies one of them, and reads the changes of all from where the copy ends.

use std::collections::BTreeMap;

use super::no_plan::refuse;
use super::stages::{needs_restart, prepare};
use super::{NoPlan, NodeAction, Plan, Step};
use crate::kernel::model::NodeName;
use crate::kernel::plan::Width;
use crate::mesh::config::lines;
use crate::mesh::facts::HostFacts;
use crate::mesh::inventory::Node;
use crate::mesh::judge::{Basis, standing};
use crate::postgresql::Major;

/// Who comes to whom.
pub struct Joining<'a> {
    pub major: Major,
    /// The member that is copied.
    pub source: (&'a Node, &'a HostFacts),
    /// Everybody who is a member by then, the source among them.
    pub members: Vec<&'a Node>,
    pub joiners: Vec<(&'a Node, &'a HostFacts)>,
    pub numbers: BTreeMap<NodeName, u16>,
}

impl Joining<'_> {
    /// Why a joiner may not come.
    ///
    /// Errors: the reasons.
    pub fn check(&self, basis: &Basis<'_>) -> Result<(), NoPlan> {
        let (_, source) = self.source;
        refuse(
            self.joiners
                .iter()
                .flat_map(|(node, facts)| standing::joiner(basis, node, facts, source))
                .collect(),
        )
    }

    /// What it means for the joiners.
    pub fn consequences(&self) -> Vec<String> {
        let (joiners, source) = (&self.joiners, &self.source.0.name);
        let means = |(node, _): &(&Node, &HostFacts)| {
            format!(
                "{} gets a copy of the whole server of {source}; what is on it goes. Everybody may write meanwhile",
                node.name
            )
        };
        joiners.iter().map(means).collect()
    }

    /// What each joiner's host needs before its turn. No client is let in.
    pub fn prepare(&self, basis: &Basis<'_>) -> Vec<Step> {
        self.joiners.iter().flat_map(|(node, facts)| prepare(basis, node, facts, self.major, false)).collect()
    }

    /// One stage for each joiner: a joiner reads the changes of those that came before it.
    pub fn stages(&self, basis: &Basis<'_>, plan: &mut Plan) {
        let mut members: Vec<_> = self.members.iter().map(|node| node.name.clone()).collect();
        for (node, _) in &self.joiners {
            plan.stage(&format!("Join {}", node.name), Width::Serial, self.join(basis, node, &members));
            members.push(node.name.clone());
        }
    }

    fn join(&self, basis: &Basis<'_>, node: &Node, members: &[NodeName]) -> Vec<Step> {
        let (version, source, members) = (self.major, self.source.0.name.clone(), members.to_vec());
        let number = self.numbers.get(&node.name).copied().unwrap_or_default();
        let reserve = NodeAction::Reserve { version, source: source.clone(), members: members.clone() };
        let copy = NodeAction::Copy { version, source: source.clone() };
        let follow = NodeAction::Follow { version, source, members: members.clone(), number };
        let admit = NodeAction::Admit { version, access: lines(basis.inventory), number };
        vec![
            Step::new(
                node,
                reserve,
                "no change that is made from now on is missed, and nobody stops writing",
            ),
            Step::new(node, copy, "it begins with all that the others have"),
            Step::new(node, follow, "each change comes once, also those made while it copied"),
            Step::new(node, NodeAction::Feed { members }, "it writes from now on"),
            Step::new(node, admit, "it is a member like all others"),
        ]
    }
}

/// Members let newcomers in, and get what the inventory says of them.
pub fn members(basis: &Basis<'_>, major: Major, members: &[(&Node, &HostFacts)]) -> (Vec<Step>, Vec<Step>) {
    let (mut prepared, mut restarts) = (Vec::new(), Vec::new());
    for (node, facts) in members {
        let steps = prepare(basis, node, facts, major, true);
        if needs_restart(basis, facts, &steps) {
            let action = NodeAction::Serve { version: major, restart: true };
            restarts.push(Step::new(*node, action, "its settings take effect at a restart"));
        }
        prepared.extend(steps);
    }
    (prepared, restarts)
}
