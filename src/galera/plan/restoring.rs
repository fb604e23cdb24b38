//! A seed that lost its majority together with its first joiner: nobody else has the cluster's data.

use super::continuing::{grow, keep_in_line, missing};
use super::{Command, NoPlan, Plan, Step, ending};
use crate::galera::facts::HostFacts;
use crate::galera::inventory::Node;
use crate::galera::judge::Basis;
use crate::galera::judge::component::Member;
use crate::galera::model::StateUuid;
use crate::galera::plan::ServerAction;
use crate::galera::plan::begin::begin;
use crate::galera::plan::no_plan::refuse;
use crate::kernel::plan::Width;

/// Of two members, one that vanishes without a word takes the other's majority with it, and a joiner
/// that never got its state can never give it back. Where galactl's own record and every other
/// host prove that this is so, the seed's component is made Primary again and the joining goes on.
/// `None`: that is not certain.
///
/// Errors: a template that does not render, or what speaks against letting the others join.
pub fn restore(basis: &Basis<'_>) -> Result<Option<Plan>, NoPlan> {
    let Some((seed, state)) = seed_alone(basis) else { return Ok(None) };
    let standing = [seed];
    let missing = missing(basis, &standing)?;
    refuse(missing.refusals)?;

    let seed = &standing[0].node.name;
    let mut plan = begin(basis, Command::Bootstrap { seed: seed.clone() });
    let why = "its first joiner vanished before it had any data, and the majority with it";
    let restore = ServerAction::RestorePrimary { state, nodes: Vec::new() };
    plan.stage(
        "Restore the Primary component",
        Width::Serial,
        vec![Step::new(&basis.inventory.placement(seed), restore, why)],
    );
    let joiners: Vec<_> = missing.joiners.into_iter().filter(|(node, _)| &node.name != seed).collect();
    let steps = keep_in_line(basis, &standing)?;
    grow(basis, &mut plan, &standing, &joiners, steps)?;
    ending::verify(basis, &mut plan, standing[0].node);
    Ok(Some(plan))
}

/// The seed, running without a Primary component in the very state that galactl bootstrapped there, while
/// no other node runs a server or was ever given that state.
fn seed_alone<'a>(basis: &Basis<'a>) -> Option<(Member<'a>, StateUuid)> {
    let mut nodes = basis.nodes();
    let (node, facts) = nodes.next()?;
    let record = facts.bootstrap_record.as_ref().filter(|record| !record.joined)?;
    let live = facts.live().filter(|live| live.wsrep_on && !live.is_primary())?;
    let state = record.state_uuid.clone().filter(|state| live.state_uuid.as_ref() == Some(state))?;
    let ours = record.cluster == basis.inventory.cluster.as_str();
    let holds_nothing = |(_, facts): (&Node, &HostFacts)| {
        !facts.server_runs() && facts.datadir.grastate.known_uuid().is_none()
    };
    (ours && nodes.all(holds_nothing)).then_some((Member { node, facts, live }, state))
}
