//! Taking arbitrators out of a cluster that goes on without their votes.

use super::action::Action;
use super::component::{Member, members, one_component, starting};
use super::guard::{Guard, Refusal};
use super::votes::Votes;
use super::{Basis, Command, NoPlan, Plan, Step, Width, arbitrators, ending, guards, refuse, rolling};
use crate::model::NodeName;

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
    let votes = votes_left(basis, &standing, names);
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

/// What is left without those of them that vote now; one of which that is not known may.
fn votes_left(basis: &Basis<'_>, standing: &[Member<'_>], names: &[NodeName]) -> Votes {
    let named = arbitrators::seen(basis).filter(|(arbitrator, _)| names.contains(&arbitrator.name));
    let voting = named.filter(|(_, facts)| arbitrators::counted_now(basis, facts) != Some(false));
    let standing: Vec<_> = standing.iter().collect();
    Votes::of(basis, &standing, &[]).without_arbitrators(voting.count())
}
