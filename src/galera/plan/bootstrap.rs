//! The bootstrap of a cluster: from fresh hosts, or on from where an earlier run stopped.

use super::continuing::carry_on;
use super::restoring::restore;
use super::{Command, NoPlan, Plan, Step, consequence, ending, preparation};
use crate::galera::facts::{Grastate, HostFacts, NodeState};
use crate::galera::inventory::Node;
use crate::galera::judge::Basis;
use crate::galera::judge::codes;
use crate::galera::judge::component::members;
use crate::galera::judge::evidence::{cluster_evidence, user_schemas};
use crate::galera::judge::guards;
use crate::galera::judge::ports;
use crate::galera::judge::tried;
use crate::galera::model::StateUuid;
use crate::galera::plan::ServerAction;
use crate::galera::plan::begin::begin;
use crate::galera::plan::no_plan::refuse;
use crate::galera::plan::roles;
use crate::galera::tls;
use crate::kernel::inventory::text::visible;
use crate::kernel::judge::{Finding, PLACE, Remedy};
use crate::kernel::model::NodeName;
use crate::kernel::plan::Width;

/// Plans the bootstrap of the inventory's cluster.
///
/// Where a Primary component is alive that is this inventory's own, the plan only adds what is
/// missing and holds no new-cluster step; where nothing is missing, it is empty.
///
/// Errors: every reason not to go on, or a template that does not render.
pub fn bootstrap(basis: &Basis<'_>) -> Result<Plan, NoPlan> {
    refuse(guards::reachable(basis))?;
    refuse(guards::hosts(basis))?;
    refuse(ports::refusals(basis))?;
    refuse(tried::new_files(basis))?;
    let is_member = |node: &NodeName| basis.observation.facts(node).is_some_and(HostFacts::is_primary);
    refuse(tried::own_files(basis, |node| !is_member(node)))?;
    let standing = members(basis);
    match (standing.is_empty(), restore(basis)?) {
        (false, _) => carry_on(basis, &standing),
        (true, Some(plan)) => Ok(plan),
        (true, None) => found(basis),
    }
}

/// No Primary component anywhere: the seed may bootstrap one, unless anything speaks of a cluster.
fn found(basis: &Basis<'_>) -> Result<Plan, NoPlan> {
    refuse(seed_guards(basis))?;
    refuse(roles::obstacles(basis))?;
    refuse(tls::steps::refusals(basis, |_| true))?;
    let seed_name = &basis.inventory.seed;
    let mut plan = begin(basis, Command::Bootstrap { seed: seed_name.clone() });
    plan.consequences = consequences(basis);
    plan.warnings = roles::warnings(basis);
    plan.warnings.extend(schema_of_seed(basis));
    let Some((seed, seed_facts)) = basis.nodes().next() else { return Ok(plan) };
    let joiners: Vec<_> = basis.nodes().skip(1).collect();

    let mut steps = Vec::new();
    for (node, facts) in basis.nodes() {
        steps.extend(preparation::before_start(basis, node, facts)?);
    }
    plan.stage("Prepare", Width::NodesInParallel, steps);
    let unit = basis.inventory.host.unit.clone();
    let state = own_founding(basis, seed, seed_facts).cloned();
    let why = match state {
        None => "it is the seed: its data becomes the cluster's data",
        Some(_) => "galactl bootstrapped it here, and no other node has joined it since",
    };
    let mut creation = vec![Step::new(seed, ServerAction::NewCluster { unit, state }, why)];
    creation.extend(preparation::sst_account_step(basis, seed, seed_facts.version()));
    plan.stage("Create the cluster", Width::Serial, creation);
    ending::join(basis, &mut plan, (seed, seed_facts), &joiners);
    roles::enlist(basis, &mut plan, &ending::all(basis), &[]);
    ending::verify(basis, &mut plan, seed);
    roles::watch(basis, &mut plan, &ending::all(basis));
    roles::quiet(basis, &mut plan);
    Ok(plan)
}

/// A schema may be in use for years as it is, so that nothing is refused for it.
fn schema_of_seed(basis: &Basis<'_>) -> Vec<String> {
    let (seed, schema) = (&basis.inventory.seed, &basis.observation.seed_schema);
    let rules: Vec<_> = schema.found.iter().map(|(rule, count)| format!("{rule} ({count})")).collect();
    let found = (!rules.is_empty()).then(|| {
        let rules = rules.join(", ");
        format!(
            "{seed}: its databases do not all fit Galera: {rules}; galactl lint {PLACE} tells of each what to do"
        )
    });
    let unread = schema.not_looked_at.as_ref().map(|why| {
        let why = visible(why);
        format!("{seed}: its databases were not all looked at: {why}; galactl lint {PLACE}")
    });
    found.into_iter().chain(unread).collect()
}

/// The refusals that stand before every bootstrap; asked again in the moment before it happens.
pub fn seed_guards(basis: &Basis<'_>) -> Vec<Finding> {
    let seed = &basis.inventory.seed;
    let mut refusals = guards::reachable(basis);
    refusals.extend(roles::alive(basis));
    // Packages may have been installed since the plan was made.
    refusals.extend(guards::versions(basis));
    for (node, facts) in basis.nodes() {
        if own_founding(basis, node, facts).is_none() {
            refusals.extend(cluster_evidence(basis, facts).map(|refusal| refusal.on(&node.name)));
        }
        let schemas = &facts.datadir.schemas;
        if &node.name != seed && !schemas.is_empty() {
            let next = format!(
                "make it the seed (`cluster.seed: {}`) if its data is to become the cluster's; otherwise dump and drop it. The seed is {seed}",
                node.name
            );
            refusals.push(user_schemas(node, facts, next));
        }
        if &node.name == seed && facts.server.is_some() && !facts.datadir.initialised {
            let evidence = format!("{} holds no system tables", facts.datadir.path);
            let next = Remedy::on_host("sudo mariadb-install-db --user=mysql; or name another seed");
            refusals.push(Finding::new(codes::MISSING, evidence, next).on(&node.name));
        }
    }
    let data = basis.nodes().next().map_or(0, |(_, facts)| facts.datadir.bytes);
    refusals.extend(basis.nodes().filter_map(|node| guards::disk(node, data)));
    refusals
}

/// The state of the cluster that galactl bootstrapped on this seed, and that stopped before anybody
/// joined it. Its record says so, and Galera's own flag that the seed was alone when it stopped.
/// The flag alone would not do: a seed that others left before it has it as well, and they may have
/// been started again since. Starting it once more is no second birth. That no other node holds
/// anything is asked beside.
fn own_founding<'a>(basis: &Basis<'_>, node: &Node, facts: &'a HostFacts) -> Option<&'a StateUuid> {
    let record = facts.bootstrap_record.as_ref().filter(|record| !record.joined)?;
    let (NodeState::Member { .. }, Grastate::Saved(saved)) = (facts.state(), &facts.datadir.grastate) else {
        return None;
    };
    let uuid = &saved.position.uuid;
    let ours = node.name == basis.inventory.seed && record.cluster == basis.inventory.cluster.as_str();
    // A bootstrap that was cut off could not write down its UUID any more.
    let same = record.state_uuid.as_ref().is_none_or(|recorded| recorded == uuid);
    (ours && same && saved.safe_to_bootstrap == Some(true)).then_some(uuid)
}

fn consequences(basis: &Basis<'_>) -> Vec<String> {
    let (seed, joiners): (Vec<_>, Vec<_>) =
        basis.nodes().partition(|(node, _)| node.name == basis.inventory.seed);
    let kept = seed.into_iter().map(|(node, facts)| consequence::kept(node, facts));
    kept.chain(joiners.into_iter().filter_map(|(node, facts)| consequence::overwritten(node, facts)))
        .collect()
}
