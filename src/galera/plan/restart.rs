//! Restarting members, one after the other, the rest in service.

use super::{Command, NoPlan, Plan, ending, endpoint, links, preparation, rolling};
use crate::galera::judge::Basis;
use crate::galera::judge::component::{members, one_component, starting};
use crate::galera::judge::guards;
use crate::galera::judge::identity::other_clusters;
use crate::galera::judge::tried;
use crate::galera::plan::begin::begin;
use crate::galera::plan::no_plan::{refuse, refuse_or_wait};
use crate::galera::plan::roles;
use crate::galera::tls;
use crate::kernel::model::NodeName;
use crate::kernel::plan::Width;

/// Plans the restart of these nodes; of all, where none is named.
///
/// Errors: the cluster is not whole, a node would need an SST to come back and `allow_sst` is off.
pub fn restart(basis: &Basis<'_>, nodes: &[NodeName], allow_sst: bool) -> Result<Plan, NoPlan> {
    refuse(guards::reachable(basis))?;
    refuse(guards::hosts(basis))?;
    refuse(other_clusters(basis))?;
    let standing = members(basis);
    if standing.is_empty() {
        return Err(NoPlan::Refused(guards::no_cluster(basis)));
    }
    refuse(one_component(basis, &standing, starting(basis)?))?;
    refuse_or_wait(basis, rolling::not_whole(basis, &standing))?;
    refuse(links::refusals(basis))?;
    let named = |name: &NodeName| nodes.is_empty() || nodes.contains(name);
    let leaving = rolling::order(basis, standing.iter().filter(|member| named(&member.node.name)));
    refuse(rolling::strays(basis, &leaving, &standing))?;
    refuse(tried::own_files(basis, named))?;
    refuse(tls::steps::refusals(basis, |_| true))?;
    if !allow_sst {
        refuse(rolling::full_transfers(&leaving, &standing))?;
    }
    let all = ending::all(basis);
    refuse(endpoint::refusals(basis, leaving.iter().map(|member| &member.node.name), &all))?;
    let mut plan = begin(basis, Command::Restart { nodes: nodes.to_vec(), allow_sst });
    let names: Vec<_> = leaving.iter().map(|member| member.node.name.to_string()).collect();
    plan.consequences.push(format!(
        "each node restarts, one after the other: {}; clients of that node must reconnect",
        names.join(", ")
    ));
    plan.consequences.extend(endpoint::clients(basis));
    plan.consequences.extend(rolling::forecasts(&leaving, &standing));
    // With one that has expired, or that the others do not trust, no node comes back.
    roles::renew(basis, &mut plan, &standing);
    endpoint::let_in(basis, &mut plan, &all);
    let mut steps = Vec::new();
    for (place, member) in leaving.iter().enumerate() {
        steps.extend(preparation::disarm_step(member.node, member.facts));
        let later = leaving[place + 1..].iter().map(|member| &member.node.name);
        steps.extend(endpoint::drain(basis, &member.node.name, &all, later));
        steps.push(rolling::leave(
            basis,
            member.node,
            "the whole cluster is there while it is away",
            !allow_sst,
        ));
        steps.extend(rolling::come_back(basis, member, &standing));
    }
    plan.stage("Restart, one node after the other", Width::Serial, steps);
    ending::verify(basis, &mut plan, standing[0].node);
    roles::quiet(basis, &mut plan);
    Ok(plan)
}
