//! Taking arbitrators out of a cluster that goes on without their votes.

use super::begin::begin;
use super::no_plan::refuse;
use super::{Command, NoPlan, Plan, ServerAction, Step, ending, links, roles, rolling};
use crate::galera::judge::Basis;
use crate::galera::judge::component::{members, one_component, starting};
use crate::galera::judge::guards;
use crate::kernel::model::NodeName;
use crate::kernel::plan::Width;

/// Plans the removal of arbitrators that the inventory still lists, because they must be reached. Empty:
/// they are stopped, and stay so.
///
/// Errors: the data nodes are not whole, or an arbitrator is not seen.
pub fn remove_arbitrators(basis: &Basis<'_>, names: &[NodeName]) -> Result<Plan, NoPlan> {
    refuse(guards::reachable(basis))?;
    let standing = members(basis);
    let Some(first) = standing.first() else {
        return Err(NoPlan::Refused(guards::no_cluster(basis)));
    };
    refuse(one_component(basis, &standing, starting(basis)?))?;
    refuse(rolling::not_members(basis).chain(standing.iter().filter_map(rolling::not_synced)).collect())?;
    refuse(roles::unseen(basis, names))?;
    refuse(links::refusals(basis))?;

    let mut plan = begin(basis, Command::RemoveArbitrators { arbitrators: names.to_vec() });
    let steps = roles::removals(basis, names);
    let votes = roles::votes_left(basis, &standing, names);
    plan.consequences.push(votes.sentence());
    let gone: Vec<_> = names.iter().map(ToString::to_string).collect();
    plan.consequences
        .push(format!("afterwards: delete {} from `arbitrators` in the inventory", gone.join(", ")));
    plan.warnings.extend(votes.warning());
    if steps.is_empty() {
        return Ok(plan);
    }
    plan.stage("Take out, one after the other", Width::Serial, steps);
    let most_members = basis.inventory.size().saturating_sub(names.len());
    let verify = ServerAction::VerifyViews { nodes: ending::all(basis), most_members };
    let verify = Step::new(first.node, verify, "the nodes count the votes that are left");
    plan.stage("Verify", Width::Serial, vec![verify]);
    Ok(plan)
}
