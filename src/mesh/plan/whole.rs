//! A mesh in which something is to be done to members.

use super::NoPlan;
use super::no_plan::refuse;
use crate::kernel::judge::{Finding, Remedy};
use crate::mesh::facts::HostFacts;
use crate::mesh::inventory::Node;
use crate::mesh::judge::standing::foreign;
use crate::mesh::judge::{Basis, codes, hosts, reach};
use crate::mesh::model::Cluster;
use crate::postgresql::Major;

/// A member with its facts.
pub type Member<'a> = (&'a Node, &'a HostFacts);

/// The members, all of which run, with the version of their servers.
///
/// Errors: a host was not seen, there is no member, or one does not run.
pub fn members_that_run<'a>(basis: &Basis<'a>) -> Result<(Major, Vec<Member<'a>>), NoPlan> {
    refuse(reach::unseen(basis))?;
    refuse(hosts::refusals(basis))?;
    refuse(foreign(basis))?;
    // A member's databases cannot be asked while its server does not run.
    let down = basis.nodes().filter(|(_, facts)| facts.live().is_none() && !facts.datadir.is_blank());
    refuse(down.map(|(node, facts)| not_running(node, facts)).collect())?;
    let members = basis.members();
    let Some((_, first)) = members.first() else {
        let next = Remedy::galactl("bootstrap", &[]).and(" makes one of all nodes of the inventory");
        return Err(NoPlan::Refused(vec![Finding::new(codes::NOT_MEMBER, "there is no mesh yet", next)]));
    };
    let major = first.major().map_err(|_| NoPlan::Refused(Vec::new()))?;
    Ok((major, members))
}

/// The finding of a server that gives no answer.
pub fn not_running(node: &Node, facts: &HostFacts) -> Finding {
    let unit = facts.major().map(|major| Cluster(major).unit()).unwrap_or_default();
    let next = Remedy::on_host(format!("sudo systemctl start {unit}, then run this again"));
    Finding::new(codes::NOT_RUNNING, "its server gives no answer", next).on(&node.name)
}
