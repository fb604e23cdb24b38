//! Nodes of the inventory come to the mesh.

use super::bootstrap::completing;
use super::no_plan::refuse;
use super::{Command, NoPlan, Plan};
use crate::kernel::judge::{Finding, Remedy};
use crate::kernel::model::NodeName;
use crate::mesh::judge::standing::{foreign, forgotten, lost, new_databases, outside, strangers};
use crate::mesh::judge::{Basis, codes, hosts, reach};

/// Plans that `nodes` come to the mesh, of which all others are members already.
///
/// Errors: every reason not to go on.
pub fn add_node(basis: &Basis<'_>, nodes: &[NodeName]) -> Result<Plan, NoPlan> {
    refuse(reach::unseen(basis))?;
    refuse(hosts::refusals(basis))?;
    refuse(foreign(basis))?;
    refuse(forgotten(basis))?;
    refuse(strangers(basis))?;
    refuse(new_databases(basis))?;
    refuse(lost(basis))?;
    if basis.members().is_empty() {
        let next = Remedy::galactl("bootstrap", &[]).and(" makes one of all nodes of the inventory");
        let refusal = Finding::new(codes::NOT_MEMBER, "there is no mesh that a node could come to", next);
        return Err(NoPlan::Refused(vec![refusal]));
    }
    let missing = || basis.nodes().filter(|(node, facts)| !basis.is_member(node, facts));
    let others = missing().filter(|(node, _)| !nodes.contains(&node.name));
    let others = others.map(|(node, facts)| outside(basis, node, facts));
    refuse(others.collect())?;
    let joiners = missing().filter(|(node, _)| nodes.contains(&node.name)).collect();
    completing(basis, Command::AddNode { nodes: nodes.to_vec() }, joiners)
}
