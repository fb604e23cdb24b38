//! A bootstrap that finds its own cluster alive: what is missing is added, nothing is bootstrapped.

use super::{Command, NoPlan, Plan, Step, consequence, ending, endpoint, preparation};
use crate::galera::config::RenderError;
use crate::galera::facts::{Grastate, HostFacts, SavedState};
use crate::galera::inventory::Node;
use crate::galera::judge::Basis;
use crate::galera::judge::component::{Member, members, one_component, starting};
use crate::galera::judge::evidence::{drift, joiner_evidence};
use crate::galera::judge::guards;
use crate::galera::judge::wanted::is_ours;
use crate::galera::judge::wanted::wanted_config;
use crate::galera::model::Seqno;
use crate::galera::plan::ServerAction;
use crate::galera::plan::begin::begin;
use crate::galera::plan::no_plan::refuse;
use crate::galera::plan::roles;
use crate::galera::recovery::unproven_restarts;
use crate::galera::tls;
use crate::kernel::judge::Finding;
use crate::kernel::plan::Width;

/// Plans what the standing component lacks. Refuses unless it is certainly this inventory's own.
pub fn carry_on(basis: &Basis<'_>, standing: &[Member<'_>]) -> Result<Plan, NoPlan> {
    refuse(one_component(basis, standing, starting(basis)?))?;
    let mut refusals = running_differently(basis, standing)?;
    let missing = missing(basis, standing)?;
    refusals.extend(missing.refusals);
    refuse(refusals)?;
    refuse(tls::steps::refusals(basis, |_| true))?;

    let mut plan = begin(basis, Command::Bootstrap { seed: basis.inventory.seed.clone() });
    endpoint::let_in(basis, &mut plan, &ending::all(basis));
    let steps = keep_in_line(basis, standing)?;
    roles::renew(basis, &mut plan, standing);
    grow(basis, &mut plan, standing, &missing.joiners, steps)?;
    roles::enlist(basis, &mut plan, &ending::all(basis), standing);
    ending::verify(basis, &mut plan, standing[0].node);
    roles::watch(basis, &mut plan, &ending::all(basis));
    roles::quiet(basis, &mut plan);
    roles::not_silently(basis, plan)
}

/// Nodes that are not in the component, and what speaks against letting them join.
pub(super) struct Missing<'a> {
    pub joiners: Vec<(&'a Node, &'a HostFacts)>,
    pub refusals: Vec<Finding>,
}

pub(super) fn missing<'a>(basis: &Basis<'a>, standing: &[Member<'_>]) -> Result<Missing<'a>, RenderError> {
    let source = &standing[0];
    let mut missing = Missing { joiners: Vec::new(), refusals: Vec::new() };
    for (node, facts) in basis.nodes().filter(|(_, facts)| !facts.is_primary()) {
        let ours = is_ours(basis, node, facts)?;
        missing.refusals.extend(joiner_evidence(basis, node, facts, source, ours));
        missing.refusals.extend(guards::disk((node, facts), source.facts.datadir.bytes));
        missing.joiners.push((node, facts));
    }
    Ok(missing)
}

/// The stages that let the joiners in; `steps` are what the members need at the same time.
pub(super) fn grow(
    basis: &Basis<'_>,
    plan: &mut Plan,
    standing: &[Member<'_>],
    joiners: &[(&Node, &HostFacts)],
    mut steps: Vec<Step>,
) -> Result<(), RenderError> {
    let source = &standing[0];
    plan.warnings = roles::warnings(basis);
    let mut recover = Vec::new();
    for (node, facts) in joiners {
        recover.extend(recover_step(basis, node, facts, source));
        steps.extend(prepare_joiner(basis, node, facts)?);
    }
    roles::not_twice(plan, &mut steps);
    plan.stage("Ask crashed nodes", Width::NodesInParallel, recover);
    plan.stage("Prepare", Width::NodesInParallel, steps);
    if !joiners.is_empty() {
        let account = preparation::sst_account_step(basis, source.node, source.facts.version());
        plan.stage("Account for SST", Width::Serial, account.into_iter().collect());
        plan.consequences.push(format!(
            "the cluster `{}` stands already, with {} of {} nodes: its data stays, and the rest joins it",
            basis.inventory.cluster,
            standing.len(),
            basis.inventory.nodes.len()
        ));
        plan.consequences
            .extend(joiners.iter().filter_map(|(node, facts)| consequence::overwritten(node, facts)));
    }
    ending::join(basis, plan, (source.node, source.facts), joiners);
    Ok(())
}

/// Refusals for members that run with another configuration than the inventory's.
pub(super) fn running_differently<'a>(
    basis: &Basis<'_>,
    standing: impl IntoIterator<Item = &'a Member<'a>>,
) -> Result<Vec<Finding>, RenderError> {
    let mut refusals = Vec::new();
    for Member { node, facts, .. } in standing {
        let wanted = wanted_config(basis, node, facts)?;
        let in_force = wanted.in_force(facts);
        refusals.extend((!in_force).then(|| drift(basis, node, facts, &wanted)));
    }
    Ok(refusals)
}

/// As [`running_differently`], of all that are in a Primary component.
pub fn drifts(basis: &Basis<'_>) -> Result<Vec<Finding>, RenderError> {
    running_differently(basis, &members(basis))
}

/// What a running member may need without a restart: its intent disarmed, its address list.
pub(super) fn keep_in_line<'a>(
    basis: &Basis<'_>,
    standing: impl IntoIterator<Item = &'a Member<'a>>,
) -> Result<Vec<Step>, RenderError> {
    let mut steps = Vec::new();
    for Member { node, facts, .. } in standing {
        steps.extend(preparation::disarm_step(node, facts));
        steps.extend(preparation::config_step(basis, node, facts)?);
    }
    Ok(steps)
}

/// A crashed member of this very cluster says only when asked how far it got. It is asked before
/// anything is written to the cluster.
pub(super) fn recover_step(
    basis: &Basis<'_>,
    node: &Node,
    facts: &HostFacts,
    source: &Member<'_>,
) -> Option<Step> {
    let uuid = facts.datadir.grastate.known_uuid()?;
    let Grastate::Saved(SavedState { position, .. }) = &facts.datadir.grastate else { return None };
    let crashed = !facts.server_runs()
        && position.seqno == Seqno::Unknown
        && Some(uuid) == source.live.state_uuid.as_ref();
    let others = basis.nodes().filter(|(other, _)| other.name != node.name).map(|(_, facts)| facts);
    let restarts = unproven_restarts(facts, others).into_iter().filter(|restart| &restart.uuid == uuid);
    let action =
        ServerAction::RecoverPosition { source: source.node.name.clone(), restarts: restarts.collect() };
    crashed.then(|| Step::new(node, action, "it crashed, and may hold commits that the cluster lacks"))
}

/// A joiner that is starting with the right configuration is left to it.
pub(super) fn prepare_joiner(
    basis: &Basis<'_>,
    node: &Node,
    facts: &HostFacts,
) -> Result<Vec<Step>, RenderError> {
    let starting = facts.unit.is_activating() && facts.intents.is_empty();
    if starting && is_ours(basis, node, facts)? {
        return Ok(preparation::config_step(basis, node, facts)?.into_iter().collect());
    }
    let mut steps = preparation::before_start(basis, node, facts)?;
    if facts.datadir.is_left_by_transfer() {
        let clear = ServerAction::ClearTransfer { datadir: facts.datadir.path.clone() };
        let why = "a server may not even start on half a copy; what is whole is with the cluster";
        steps.push(Step::new(node, clear, why));
    }
    Ok(steps)
}
