//! Taking arbitrators out of a cluster that goes on without their votes.

use super::action::Action;
use super::component::{members, one_component, starting};
use super::guard::{Guard, Refusal};
use super::{Basis, Command, NoPlan, Plan, Step, Width, arbitrators, ending, guards, refuse, rolling};
use crate::inventory::Inventory;
use crate::model::NodeName;
use crate::model::words::count;

/// Plans the removal of arbitrators that the inventory still lists, because they must be reached. Empty:
/// they are stopped, and stay so.
///
/// Errors: the data nodes are not whole, or an arbitrator is not seen.
pub fn remove_arbitrators(basis: &Basis<'_>, names: &[NodeName]) -> Result<Plan, NoPlan> {
    refuse(guards::reachable(basis))?;
    let standing = members(basis);
    let Some(first) = standing.first() else {
        return Err(NoPlan::Refused(vec![guards::no_cluster()]));
    };
    refuse(one_component(basis, &standing, starting(basis)?))?;
    refuse(rolling::not_members(basis).chain(standing.iter().filter_map(rolling::not_synced)).collect())?;
    refuse(unseen(basis, names))?;

    let mut plan = Plan::new(basis, Command::RemoveArbitrators { arbitrators: names.to_vec() });
    let named = arbitrators::seen(basis).filter(|(arbitrator, _)| names.contains(&arbitrator.name));
    let present = named.filter(|(_, facts)| facts.runs() || facts.unit.is_enabled());
    let step = |name: &NodeName| {
        let action = Action::StopArbitrator { for_good: true };
        Step::new(name, action, "its host's next start would bring its vote back")
    };
    let steps: Vec<_> = present.map(|(arbitrator, _)| step(&arbitrator.name)).collect();
    plan.consequences.extend(consequences(basis.inventory, names));
    if steps.is_empty() {
        return Ok(plan);
    }
    plan.stage("Take out, one after the other", Width::Serial, steps);
    let most_members = basis.inventory.size().saturating_sub(names.len());
    let verify = Action::VerifyViews { nodes: ending::all(basis), most_members };
    let verify = Step::new(&first.node.name, verify, "the nodes count the votes that are left");
    plan.stage("Verify", Width::Serial, vec![verify]);
    Ok(plan)
}

/// One that cannot be reached may start again at any time.
fn unseen(basis: &Basis<'_>, names: &[NodeName]) -> Vec<Refusal> {
    let mut refusals = arbitrators::obstacles(basis);
    refusals.retain(|refusal| {
        let named = refusal.node.as_ref().is_some_and(|node| names.contains(node));
        named
            && (arbitrators::is_anothers(refusal.guard)
                || matches!(refusal.guard, Guard::Unreachable | Guard::StrayServer))
    });
    for refusal in &mut refusals {
        refusal.next += "; if its host is gone for good, delete it from `arbitrators` in the inventory";
    }
    refusals
}

/// What the votes that are left are worth.
fn consequences(inventory: &Inventory, names: &[NodeName]) -> Vec<String> {
    let votes = inventory.size().saturating_sub(names.len());
    let may_fail = votes.saturating_sub(1) / 2;
    let names: Vec<_> = names.iter().map(ToString::to_string).collect();
    let worth = match may_fail {
        0 => "the loss of any one may stop the cluster".to_owned(),
        _ => format!("it goes on when {may_fail} of them are lost at once"),
    };
    vec![
        format!("the cluster has {} then: {worth}", count(votes, "vote")),
        format!("afterwards: delete {} from `arbitrators` in the inventory", names.join(", ")),
    ]
}
