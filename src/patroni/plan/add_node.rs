//! Nodes of the inventory come to the cluster that runs.

use super::completing::completing;
use super::no_plan::refuse;
use super::stages::software;
use super::{Command, NoPlan, Plan};
use crate::kernel::judge::{Finding, Remedy};
use crate::kernel::model::NodeName;
use crate::patroni::judge::birth::{Standing, standing};
use crate::patroni::judge::{Basis, codes, hosts, reach, room};
use crate::patroni::proxy;

/// Plans that `nodes` come to the cluster, to which all others belong already.
///
/// Errors: every reason not to go on.
pub fn add_node(basis: &Basis<'_>, nodes: &[NodeName]) -> Result<Plan, NoPlan> {
    refuse(reach::unseen(basis))?;
    refuse(hosts::refusals(basis))?;
    refuse(room::refusals(basis))?;
    let standing = standing(basis)?;
    refuse(proxy::judge::obstacles(basis))?;
    match standing {
        Standing::Led { leader, .. } => {
            completing(basis, software(basis)?, &leader, Command::AddNode { nodes: nodes.to_vec() })
        }
        Standing::Founding(node) => Err(NoPlan::Founding(node)),
        Standing::Unborn | Standing::Seeded { .. } => {
            let next = Remedy::galactl("bootstrap", &[]).and(" makes one of all nodes of the inventory");
            let evidence = "there is no cluster that a node could come to";
            Err(NoPlan::Refused(vec![Finding::new(codes::NO_PRIMARY, evidence, next)]))
        }
    }
}
