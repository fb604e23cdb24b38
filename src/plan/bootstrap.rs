//! The bootstrap of a cluster: from fresh hosts, or on from where an earlier run stopped.

use super::action::Action;
use super::guard::{Guard, Refusal};
use super::text::bytes;
use super::{Basis, Command, NoPlan, Plan, Step, Width, guards, preparation};
use crate::facts::{HostFacts, Live, NodeState};
use crate::inventory::Node;
use crate::model::Seqno;

/// Plans the bootstrap of the inventory's cluster.
///
/// Where a Primary component is alive that is this inventory's own, the plan only adds what is
/// missing and holds no new-cluster step; where nothing is missing, it is empty.
///
/// Errors: every reason not to go on, or a template that does not render.
pub fn bootstrap(basis: &Basis<'_>) -> Result<Plan, NoPlan> {
    refuse(guards::reachable(basis))?;
    refuse(guards::hosts(basis))?;
    let standing: Vec<_> =
        basis.nodes().filter(|(_, facts)| matches!(facts.state(), NodeState::Primary { .. })).collect();
    match standing.split_first() {
        None => found(basis),
        Some((first, _)) => carry_on(basis, *first, &standing),
    }
}

pub(super) fn refuse(refusals: Vec<Refusal>) -> Result<(), NoPlan> {
    if refusals.is_empty() { Ok(()) } else { Err(NoPlan::Refused(refusals)) }
}

/// No Primary component anywhere: the seed may found one, unless anything speaks of a cluster.
fn found(basis: &Basis<'_>) -> Result<Plan, NoPlan> {
    refuse(seed_guards(basis))?;
    let seed_name = &basis.inventory.seed;
    let mut plan = Plan::new(basis, Command::Bootstrap { seed: seed_name.clone() });
    plan.consequences = consequences(basis);
    plan.warnings = warnings(basis);
    let Some((seed, seed_facts)) = basis.nodes().next() else { return Ok(plan) };
    let joiners: Vec<_> = basis.nodes().skip(1).collect();

    plan.stage("Prepare", Width::NodesInParallel, prepare(basis, basis.nodes())?);
    let unit = basis.inventory.host.unit.clone();
    let why = "it is the seed: its data becomes the cluster's data";
    let mut founding = vec![Step::new(&seed.name, Action::NewCluster { unit }, why)];
    founding.extend(preparation::sst_account_step(basis, seed, seed_facts.version()));
    plan.stage("Found the cluster", Width::Serial, founding);
    join_and_verify(basis, &mut plan, (seed, seed_facts), &joiners);
    Ok(plan)
}

/// The refusals that stand before every founding; asked again in the moment before it happens.
pub fn seed_guards(basis: &Basis<'_>) -> Vec<Refusal> {
    let seed = &basis.inventory.seed;
    let mut refusals = guards::reachable(basis);
    for (node, facts) in basis.nodes() {
        refusals.extend(cluster_evidence(basis, facts).map(|refusal| refusal.on(&node.name)));
        let schemas = &facts.datadir.schemas;
        if &node.name != seed && !schemas.is_empty() {
            refusals.push(user_schemas(basis, node, facts));
        }
        if &node.name == seed && facts.server.is_some() && !facts.datadir.initialised {
            let evidence = format!("{} holds no system tables", facts.datadir.path);
            let next = "sudo mariadb-install-db --user=mysql, or name another seed";
            refusals.push(Refusal::new(Guard::Missing, evidence, next).on(&node.name));
        }
    }
    let data = basis.nodes().next().map_or(0, |(_, facts)| facts.datadir.bytes);
    refusals.extend(basis.nodes().skip(1).filter_map(|joiner| guards::disk(joiner, data)));
    refusals
}

fn user_schemas(basis: &Basis<'_>, node: &Node, facts: &HostFacts) -> Refusal {
    let evidence = format!("it holds {}, which joining would delete", schema_list(facts));
    let next = format!(
        "make it the seed (`cluster.seed: {}`) if its data is to become the cluster's; otherwise dump and drop it. The seed is {}",
        node.name, basis.inventory.seed
    );
    Refusal::new(Guard::UserSchemas, evidence, next).on(&node.name)
}

/// Anything on a host that says "there is, or was, a cluster".
fn cluster_evidence(basis: &Basis<'_>, facts: &HostFacts) -> Option<Refusal> {
    let unit = &basis.inventory.host.unit;
    let datadir = &facts.datadir.path;
    let refusal = match facts.state() {
        NodeState::Bare | NodeState::Fresh => return None,
        NodeState::Primary { .. } => {
            let name = facts.live().map_or("", |live| live.cluster_name.as_str());
            let evidence = format!("it is a member of a Primary component of cluster `{name}`");
            Refusal::new(Guard::PrimaryAlive, evidence, "galactl add-node, if this host belongs to that cluster")
        }
        NodeState::NonPrimary { status } => Refusal::new(
            Guard::NonPrimary,
            format!("its server is part of a cluster without a Primary component ({status})"),
            format!("journalctl -u {unit}; the cluster must be recovered, not bootstrapped"),
        ),
        NodeState::Mute { why } => Refusal::new(
            Guard::NonPrimary,
            format!("its server runs and cannot be asked: {why}"),
            format!("systemctl status {unit}; a server that starts or waits for its cluster looks like this"),
        ),
        NodeState::Member { position } => Refusal::new(
            Guard::ClusterState,
            format!("{datadir}/grastate.dat says that it belongs to the cluster with state {position}"),
            "that cluster must be recovered from its most advanced node, not bootstrapped; if it is not wanted any more, move the data directory away",
        ),
        NodeState::Unclear { why } => Refusal::new(
            Guard::ClusterState,
            format!("it was part of a cluster, and how far it got is not known: {why}"),
            format!("look at {datadir}; a fresh node has no grastate.dat there"),
        ),
    };
    Some(refusal)
}

/// A Primary component is alive. It is continued only if it is certainly this inventory's.
fn carry_on(
    basis: &Basis<'_>,
    source: (&Node, &HostFacts),
    standing: &[(&Node, &HostFacts)],
) -> Result<Plan, NoPlan> {
    let Some(live) = source.1.live() else { return Ok(Plan::new(basis, Command::Bootstrap { seed: basis.inventory.seed.clone() })) };
    refuse(one_component(basis, live, standing))?;
    let mut refusals = Vec::new();
    let mut joiners = Vec::new();
    for (node, facts) in basis.nodes() {
        let wanted = preparation::wanted_config(basis, node, facts)?;
        let ours = preparation::in_force(facts.config.as_ref(), &wanted);
        if matches!(facts.state(), NodeState::Primary { .. }) {
            refusals.extend((!ours).then(|| drift(node, facts)));
            continue;
        }
        refusals.extend(joiner_evidence(basis, node, facts, live, ours));
        refusals.extend(guards::disk((node, facts), source.1.datadir.bytes));
        joiners.push((node, facts));
    }
    refuse(refusals)?;

    let mut plan = Plan::new(basis, Command::Bootstrap { seed: basis.inventory.seed.clone() });
    plan.warnings = warnings(basis);
    let mut steps = Vec::new();
    for (node, facts) in standing {
        steps.extend(disarm_step(node, facts));
        steps.extend(preparation::config_step(basis, node, facts)?);
    }
    for (node, facts) in &joiners {
        steps.extend(prepare_joiner(basis, node, facts)?);
    }
    plan.stage("Prepare", Width::NodesInParallel, steps);
    if !joiners.is_empty() {
        let account = preparation::sst_account_step(basis, source.0, source.1.version());
        plan.stage("Account for SST", Width::Serial, account.into_iter().collect());
        plan.consequences.push(format!(
            "the cluster `{}` stands already, with {} of {} nodes: its data stays, and the rest joins it",
            basis.inventory.cluster,
            standing.len(),
            basis.inventory.nodes.len()
        ));
    }
    join_and_verify(basis, &mut plan, source, &joiners);
    Ok(plan)
}

fn disarm_step(node: &Node, facts: &HostFacts) -> Option<Step> {
    let action = Action::Disarm { intents: facts.intents.clone() };
    (!facts.intents.is_empty()).then(|| Step::new(&node.name, action, "the next start would found a second cluster"))
}

/// A joiner that is starting with the right configuration is left to it.
fn prepare_joiner(
    basis: &Basis<'_>,
    node: &Node,
    facts: &HostFacts,
) -> Result<Vec<Step>, crate::config::RenderError> {
    let wanted = preparation::wanted_config(basis, node, facts)?;
    let starting = facts.unit.active == "activating" && facts.intents.is_empty();
    if starting && preparation::in_force(facts.config.as_ref(), &wanted) {
        return Ok(preparation::config_step(basis, node, facts)?.into_iter().collect());
    }
    preparation::before_start(basis, node, facts)
}

/// The Primary nodes form one component, and it is made of this inventory's nodes.
fn one_component(basis: &Basis<'_>, first: &Live, standing: &[(&Node, &HostFacts)]) -> Vec<Refusal> {
    let inventory = basis.inventory;
    let mut refusals = Vec::new();
    for (node, facts) in standing {
        let Some(live) = facts.live() else { continue };
        if live.cluster_name != inventory.cluster.as_str() {
            let evidence = format!("it is a member of the running cluster `{}`", live.cluster_name);
            let next = format!("name that cluster in the inventory, or take {} out of it", node.name);
            refusals.push(Refusal::new(Guard::PrimaryAlive, evidence, next).on(&node.name));
        } else if live.state_uuid != first.state_uuid || live.conf_id != first.conf_id {
            let evidence = "it is Primary in another view than the others: two clusters of one name, or one that changes just now";
            let next = "run this again; if it stays so, stop the client traffic and find out which one holds the data";
            refusals.push(Refusal::new(Guard::PrimaryAlive, evidence, next).on(&node.name));
        }
    }
    let known = standing.len()..=standing.len() + inventory.arbitrators.len();
    let size = usize::try_from(first.cluster_size).unwrap_or(usize::MAX);
    if refusals.is_empty() && !known.contains(&size) {
        let members = first.members.join(", ");
        let evidence = format!(
            "a Primary component of `{}` is alive with {size} members ({members}), of which this inventory's nodes are {}",
            inventory.cluster,
            standing.len()
        );
        let next = "add the missing nodes to the inventory, or wait until a node that starts just now has joined";
        refusals.push(Refusal::new(Guard::PrimaryAlive, evidence, next));
    }
    refusals
}

pub(super) fn drift(node: &Node, facts: &HostFacts) -> Refusal {
    let what = match facts.config {
        None => "it runs in this cluster, but galactl did not write its configuration",
        Some(_) => "it runs with another configuration than the inventory's",
    };
    Refusal::new(
        Guard::ConfigDrift,
        what,
        format!("galactl render --node {} inventory.yaml, and compare; galactl does not restart a running member", node.name),
    )
    .on(&node.name)
}

/// What a node outside the running component may hold. `ours`: its configuration was written for
/// this inventory, which happens only after its emptiness was seen; what it holds since then
/// came from this cluster.
pub(super) fn joiner_evidence(
    basis: &Basis<'_>,
    node: &Node,
    facts: &HostFacts,
    live: &Live,
    ours: bool,
) -> Option<Refusal> {
    let refusal = match facts.state() {
        NodeState::Member { position } if Some(&position.uuid) != live.state_uuid.as_ref() => Refusal::new(
            Guard::ClusterState,
            format!("it holds state {position} of another cluster"),
            "joining would delete it: move its data directory away first if it is not wanted",
        ),
        NodeState::Member { position } if is_ahead(position.seqno, live.last_committed) => Refusal::new(
            Guard::ClusterState,
            format!("it is ahead of the cluster: seqno {} against {}", position.seqno, live.last_committed),
            "it holds commits that the cluster lacks, which joining would delete: save them first",
        ),
        NodeState::Fresh if !facts.datadir.schemas.is_empty() && !ours => user_schemas(basis, node, facts),
        NodeState::Unclear { why } if !ours => Refusal::new(
            Guard::ClusterState,
            format!("it was part of some cluster, and what it holds is not known: {why}"),
            "joining would delete it: move its data directory away first if it is not wanted",
        ),
        NodeState::NonPrimary { .. } | NodeState::Mute { .. } if !ours => Refusal::new(
            Guard::NonPrimary,
            "its server runs outside the cluster, and not with the inventory's configuration",
            format!("systemctl status {}", basis.inventory.host.unit),
        ),
        _ => return None,
    };
    Some(refusal.on(&node.name))
}

fn is_ahead(node: Seqno, cluster: Seqno) -> bool {
    matches!((node, cluster), (Seqno::At(node), Seqno::At(cluster)) if node > cluster)
}

fn prepare<'a>(
    basis: &Basis<'_>,
    nodes: impl Iterator<Item = (&'a Node, &'a HostFacts)>,
) -> Result<Vec<Step>, crate::config::RenderError> {
    let mut steps = Vec::new();
    for (node, facts) in nodes {
        steps.extend(preparation::before_start(basis, node, facts)?);
    }
    Ok(steps)
}

/// The end of every plan that grows a cluster; nothing where there is nothing to do.
pub(super) fn join_and_verify(basis: &Basis<'_>, plan: &mut Plan, donor: (&Node, &HostFacts), joiners: &[(&Node, &HostFacts)]) {
    let (donor, data_bytes) = (donor.0, donor.1.datadir.bytes);
    let joins = joiners.iter().map(|(node, facts)| {
        let why = match facts.state() {
            NodeState::Member { .. } => "it rejoins, by IST where the donor's gcache reaches back far enough",
            _ => "it gets the cluster's data by SST",
        };
        preparation::join_step(basis, node, data_bytes, why)
    });
    plan.stage("Join, one after the other", Width::Serial, joins.collect());
    let enable = basis.nodes().filter_map(|(node, facts)| preparation::enable_step(basis, node, facts));
    plan.stage("Enable", Width::NodesInParallel, enable.collect());
    if plan.is_empty() {
        return;
    }
    let nodes: Vec<_> = basis.inventory.start_order().map(|node| node.name.clone()).collect();
    let views = Action::VerifyViews { nodes: nodes.clone(), most_members: basis.inventory.size() };
    let verify = vec![
        Step::new(&donor.name, views, "a size of N on one node proves nothing about the others"),
        Step::new(&donor.name, Action::VerifyWrites { nodes }, "replication is proved by a row"),
    ];
    plan.stage("Verify", Width::Serial, verify);
}

fn schema_list(facts: &HostFacts) -> String {
    let list: Vec<_> = facts
        .datadir
        .schemas
        .iter()
        .map(|schema| format!("database `{}` ({})", schema.name, bytes(schema.bytes)))
        .collect();
    list.join(", ")
}

fn consequences(basis: &Basis<'_>) -> Vec<String> {
    let mut lines = Vec::new();
    for (node, facts) in basis.nodes() {
        if node.name == basis.inventory.seed {
            let data = if facts.datadir.schemas.is_empty() { "no databases yet".into() } else { schema_list(facts) };
            lines.push(format!("{} keeps its data, which becomes the cluster's: {data}, and its accounts", node.name));
        } else if facts.datadir.initialised {
            lines.push(format!("{} is overwritten: no databases of users, but its accounts and settings in `mysql`", node.name));
        }
    }
    lines
}

pub(super) fn warnings(basis: &Basis<'_>) -> Vec<String> {
    let mut warnings = Vec::new();
    for (node, facts) in basis.nodes() {
        for (peer, ms) in &facts.slow_lookups {
            warnings.push(format!(
                "{}: looking up {peer} takes {ms} ms; rsync SST does so for each connection. A line in /etc/hosts helps",
                node.name
            ));
        }
    }
    for arbitrator in &basis.inventory.arbitrators {
        warnings.push(format!(
            "{}: galactl does not start arbitrators; until garbd runs on {}, the cluster has {} votes",
            arbitrator.name,
            arbitrator.address,
            basis.inventory.nodes.len()
        ));
    }
    let versions: std::collections::BTreeSet<_> = basis.nodes().filter_map(|(_, facts)| facts.version()).collect();
    if versions.len() > 1 {
        let list: Vec<_> = versions.iter().map(ToString::to_string).collect();
        warnings.push(format!("versions differ within the series: {}", list.join(", ")));
    }
    warnings
}
