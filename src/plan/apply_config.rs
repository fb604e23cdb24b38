//! Changing the configuration of a running cluster: one node after the other, the rest in service.

use super::action::Action;
use super::component::{Member, members, one_component, starting};
use super::continuing::{grow, keep_in_line, missing};
use super::preparation::wanted_config;
use super::{Basis, Command, NoPlan, Plan, Step, Width, ending, guards, ports, preparation, refuse, rolling};
use crate::config::RenderError;

/// Plans what brings every node of the standing cluster to the inventory's configuration. A node
/// that is not in the cluster joins it first.
///
/// Errors: every reason not to go on, or a template that does not render.
pub fn apply_config(basis: &Basis<'_>, allow_sst: bool) -> Result<Plan, NoPlan> {
    refuse(guards::reachable(basis))?;
    refuse(guards::hosts(basis))?;
    refuse(ports::refusals(basis))?;
    let standing = members(basis);
    if standing.is_empty() {
        return Err(NoPlan::Refused(vec![guards::no_cluster()]));
    }
    refuse(one_component(basis, &standing, starting(basis)?))?;
    let (changing, staying) = divide(basis, &standing)?;
    let missing = missing(basis, &standing)?;
    let mut refusals = missing.refusals;
    if !changing.is_empty() {
        refusals.extend(standing.iter().filter_map(rolling::not_synced));
        refusals.extend(rolling::alone(basis));
        if !allow_sst {
            refusals.extend(rolling::full_transfers(&changing, &standing));
        }
    }
    refuse(refusals)?;

    let mut plan = Plan::new(basis, Command::ApplyConfig { allow_sst });
    let mut steps = keep_in_line(basis, staying)?;
    for member in &changing {
        steps.push(try_step(basis, member)?);
    }
    grow(basis, &mut plan, &standing, &missing.joiners, steps)?;
    if !changing.is_empty() {
        plan.consequences.push(format!(
            "each changed node restarts, one after the other: {}; clients of that node must reconnect",
            changing.iter().map(|member| member.node.name.to_string()).collect::<Vec<_>>().join(", ")
        ));
        plan.consequences.extend(rolling::forecasts(&changing, &standing));
    }
    // The changed files may name another method, account or password; joiners have it already.
    if !changing.is_empty() && missing.joiners.is_empty() {
        let source = &standing[0];
        let account = preparation::sst_account_step(basis, source.node, source.facts.version());
        plan.stage("Account for SST", Width::Serial, account.into_iter().collect());
    }
    plan.stage(
        "Change, one node after the other",
        Width::Serial,
        change(basis, &changing, &standing, allow_sst)?,
    );
    ending::verify(basis, &mut plan, standing[0].node);
    Ok(plan)
}

type Members<'m, 'a> = Vec<&'m Member<'a>>;

/// Members that run with another configuration than the inventory's, and the others.
fn divide<'m, 'a>(
    basis: &Basis<'_>,
    standing: &'m [Member<'a>],
) -> Result<(Members<'m, 'a>, Members<'m, 'a>), RenderError> {
    let (mut changing, mut staying) = (Vec::new(), Vec::new());
    for member in standing {
        let ours = preparation::is_ours(basis, member.node, member.facts)?;
        if ours { staying.push(member) } else { changing.push(member) }
    }
    Ok((rolling::order(changing), staying))
}

/// Members that clients write to leave last.
fn change(
    basis: &Basis<'_>,
    changing: &[&Member<'_>],
    standing: &[Member<'_>],
    allow_sst: bool,
) -> Result<Vec<Step>, RenderError> {
    let mut steps = Vec::new();
    for member in changing {
        let why = "its configuration is read only at its start";
        steps.push(rolling::leave(basis, member.node, why, !allow_sst));
        steps.extend(preparation::config_step(basis, member.node, member.facts)?);
        steps.extend(rolling::come_back(basis, member, standing));
    }
    Ok(steps)
}

/// A configuration that a server refuses must be found out before a node has left for it.
fn try_step(basis: &Basis<'_>, member: &Member<'_>) -> Result<Step, RenderError> {
    let Member { node, facts, .. } = member;
    let file = wanted_config(basis, node, facts)?.put(basis.inventory, node, facts.config.as_ref());
    Ok(Step::new(
        &node.name,
        Action::TryFile(file),
        "no node leaves the cluster for a file that its server refuses",
    ))
}
