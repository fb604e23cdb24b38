//! Shrinking a healthy cluster by nodes that the inventory still lists, because they must be reached.

use super::add_node::healthy;
use super::continuing::{keep_in_line, running_differently};
use super::{Command, NoPlan, Plan, Step, ending, endpoint, links, preparation, rolling};
use crate::galera::config::RenderError;
use crate::galera::facts::{HostFacts, NoAnswer, NodeState};
use crate::galera::inventory::{Inventory, Node};
use crate::galera::judge::Basis;
use crate::galera::judge::codes;
use crate::galera::judge::component::{Member, members, starting};
use crate::galera::judge::guards;
use crate::galera::judge::identity::other_clusters;
use crate::galera::judge::unanswered;
use crate::galera::judge::votes::Votes;
use crate::galera::model::{Seqno, StateUuid};
use crate::galera::plan::ServerAction;
use crate::galera::plan::begin::begin;
use crate::galera::plan::no_plan::refuse;
use crate::galera::plan::roles;
use crate::kernel::judge::{Finding, PLACE, Remedy};
use crate::kernel::model::{Address, NodeName};
use crate::kernel::plan::Width;

/// What the user decides of a removal.
#[derive(Debug, Clone, Copy)]
pub struct Removing<'a> {
    pub nodes: &'a [NodeName],
    /// Those of them that may be out of reach.
    pub unseen: &'a [NodeName],
    /// How long to wait until clients are done with a node.
    pub drain_seconds: u64,
}

/// Plans the removal of nodes from the cluster that the others go on with. Their data stays in place.
///
/// Errors: every reason not to go on, or a template that does not render.
pub fn remove_node(basis: &Basis<'_>, removing: &Removing<'_>) -> Result<Plan, NoPlan> {
    let rest = basis.inventory.without(removing.nodes);
    if rest.nodes.is_empty() {
        return Err(NoPlan::Refused(vec![nobody_remains()]));
    }
    let rest = Basis { inventory: &rest, ..*basis };
    refuse(reachable(basis, removing))?;
    refuse(hosts(basis, &rest))?;
    refuse(unanswering(basis, removing))?;
    let standing = members(basis);
    let starting = starting(basis)?;
    refuse(still_members(basis, &standing, starting))?;
    refuse(rolling::joining_beside_few(basis, &standing, |name| removing.nodes.contains(name)))?;
    let seen = basis.inventory.without(&unseen(basis));
    refuse(healthy(&Basis { inventory: &seen, ..*basis }, &standing, removing.nodes, starting))?;
    let (mut leaving, staying): (Vec<_>, Vec<_>) =
        standing.iter().partition(|member| removing.nodes.contains(&member.node.name));
    refuse(leaving.iter().filter_map(|member| rolling::not_synced(member)).collect())?;
    refuse(running_differently(&rest, staying.iter().copied())?)?;
    // The order is that of the start, turned around, so that the seed goes last.
    leaving.reverse();
    let votes = Votes::of(basis, &staying, &leaving);
    refuse(votes.refusals())?;
    if !leaving.is_empty() {
        refuse(links::refusals(&rest))?;
        let left: Vec<_> = staying.iter().map(|member| member.node.name.clone()).collect();
        refuse(endpoint::refusals(basis, leaving.iter().map(|member| &member.node.name), &left))?;
    }
    let state = standing.first().and_then(|member| member.live.state_uuid.as_ref());
    let (Some(first), Some(state)) = (staying.first(), state) else {
        return Err(NoPlan::Refused(guards::no_cluster(basis)));
    };

    let mut plan = begin(basis, command(removing));
    plan.consequences = consequences(basis, removing, first, &votes);
    let left = left_to_do(&plan, basis.inventory).map(|left| format!("afterwards: {left}"));
    plan.consequences.extend(left);
    plan.warnings = votes.warning().into_iter().chain(named_donors(rest.inventory, removing)).collect();
    plan.warnings.extend(roles::left_as_they_are(&rest));
    endpoint::let_in(basis, &mut plan, &ending::all(&rest));
    let steps = take_out(basis, removing, &standing, state);
    plan.stage("Take out, one node after the other", Width::Serial, steps);
    let steps = address_lists(&rest, &staying, removing)?;
    plan.stage("Shorten the others' lists of nodes", Width::NodesInParallel, steps);
    endpoint::bring_up(&rest, &mut plan, &ending::all(&rest));
    ending::verify(&rest, &mut plan, first.node);
    roles::unwatch(basis, &mut plan, removing.nodes);
    roles::watch(&rest, &mut plan, &ending::all(&rest));
    roles::quiet(basis, &mut plan);
    Ok(plan)
}

/// What is left to a person once the plan is carried out.
pub fn left_to_do(plan: &Plan, inventory: &Inventory) -> Option<String> {
    let Command::RemoveNode { nodes, .. } = &plan.command else { return None };
    let names: Vec<_> = nodes.iter().map(ToString::to_string).collect();
    let mut left = vec![format!("delete {} from `nodes` in the inventory", names.join(", "))];
    if nodes.contains(&inventory.seed) {
        left.push(format!("`cluster.seed`, where it stands, must not name {} any more", inventory.seed));
    }
    let unit = &inventory.host.unit;
    left.extend(
        nodes.iter().filter(|node| !plan.rests_on.contains_key(&inventory.placement(node).host)).map(
            |node| {
                format!(
                    "on {node}, by hand: sudo systemctl disable --now {unit} && sudo systemctl mask {unit}"
                )
            },
        ),
    );
    Some(left.join("; "))
}

fn command(removing: &Removing<'_>) -> Command {
    Command::RemoveNode {
        nodes: removing.nodes.to_vec(),
        unseen: removing.unseen.to_vec(),
        drain_seconds: removing.drain_seconds,
    }
}

fn nobody_remains() -> Finding {
    let evidence = "these are all data nodes of the inventory, and none would remain";
    Finding::new(
        codes::QUORUM,
        evidence,
        Remedy::from("to stop the whole cluster: ").and(Remedy::galactl("stop", &[])),
    )
}

/// An unreachable node is treated as possibly running, unless the user says that it is gone.
fn reachable(basis: &Basis<'_>, removing: &Removing<'_>) -> Vec<Finding> {
    let mut refusals = guards::reachable(basis);
    refusals.extend(other_clusters(basis));
    refusals.retain(|refusal| refusal.node.as_ref().is_none_or(|node| !removing.unseen.contains(node)));
    for refusal in &mut refusals {
        if let Some(node) = refusal.node.as_ref().filter(|node| removing.nodes.contains(node)) {
            refusal.remedy =
                refusal.remedy.clone().and(format!(". To remove it out of reach: --unseen {node}"));
        }
    }
    refusals
}

/// The nodes that the user gives up unseen; all others were seen by now.
fn unseen(basis: &Basis<'_>) -> Vec<NodeName> {
    let nodes = basis.inventory.start_order().map(|node| node.name.clone());
    nodes.filter(|node| basis.observation.facts(node).is_none()).collect()
}

/// A node that goes need not be fit to run; but it must be the machine that it is taken for.
fn hosts(basis: &Basis<'_>, rest: &Basis<'_>) -> Vec<Finding> {
    let of_any = |refusal: &Finding| {
        matches!(refusal.code, codes::STRAY_SERVER | codes::WRONG_ADDRESS | codes::SAME_MACHINE)
    };
    let of_all = guards::hosts(basis).into_iter().filter(of_any);
    of_all.chain(guards::hosts(rest).into_iter().filter(|refusal| !of_any(refusal))).collect()
}

/// A node that cannot be reached may be a member all the same, and cannot be stopped then.
fn still_members(basis: &Basis<'_>, standing: &[Member<'_>], starting: usize) -> Vec<Finding> {
    let Some(first) = standing.first() else { return Vec::new() };
    // An earlier view's list is told as none.
    let told = standing.iter().map(|member| &member.live.members).find(|members| !members.is_empty());
    let members = told.unwrap_or(&first.live.members);
    let size = usize::try_from(first.live.cluster_size).unwrap_or(usize::MAX);
    let is_member = |node: &&Node| match node.address {
        _ if members.is_empty() || first.live.unnamed > 0 => size > standing.len() + starting,
        Address::Host(_) => members.len() > standing.len() + starting,
        Address::Ip(_) => {
            members.iter().any(|member| member.parse().is_ok_and(|it: Address| it == node.address))
        }
    };
    let refusal = |node: &Node| {
        let unit = &basis.inventory.host.unit;
        let evidence = "it cannot be reached, and its server is a member of the cluster";
        let next = Remedy::on_host(format!(
            "sudo systemctl stop {unit}; if it has just died, the others drop it within half a minute"
        ));
        Finding::new(codes::UNHEALTHY, evidence, next).on(&node.name)
    };
    let unseen = unseen(basis);
    let nodes = basis.inventory.start_order().filter(|node| unseen.contains(&node.name));
    nodes.filter(is_member).map(refusal).collect()
}

/// Whether the node has a vote cannot be told, so it is not known either what its stop leaves.
fn unanswering(basis: &Basis<'_>, removing: &Removing<'_>) -> Vec<Finding> {
    let unit = &basis.inventory.host.unit;
    let refusal = |(node, facts): (&Node, Option<&HostFacts>)| {
        let facts = facts.filter(|facts| !facts.unit.is_activating())?;
        let NodeState::Mute { why } = facts.state() else { return None };
        if matches!(why, NoAnswer::Denied(_)) {
            return Some(unanswered::refusal(basis, &why).on(&node.name));
        }
        let evidence = format!("its server runs and cannot be asked: {why}");
        let next = Remedy::on_host(format!("sudo systemctl stop {unit}; then run this again"));
        Some(Finding::new(codes::UNHEALTHY, evidence, next).on(&node.name))
    };
    named(basis, removing).into_iter().filter_map(refusal).collect()
}

fn named<'a>(basis: &Basis<'a>, removing: &Removing<'_>) -> Vec<(&'a Node, Option<&'a HostFacts>)> {
    let (inventory, observation) = (basis.inventory, basis.observation);
    let nodes = inventory.start_order().filter(|node| removing.nodes.contains(&node.name));
    nodes.map(|node| (node, observation.facts(&node.name))).collect()
}

/// It was never a member, and has no configuration to become one by its next start.
fn untouched(facts: &HostFacts) -> bool {
    facts.config.is_none() && matches!(facts.state(), NodeState::Bare | NodeState::Fresh)
}

fn take_out(
    basis: &Basis<'_>,
    removing: &Removing<'_>,
    standing: &[Member<'_>],
    state: &StateUuid,
) -> Vec<Step> {
    let unit = &basis.inventory.host.unit;
    let mut remaining: Vec<NodeName> = standing.iter().map(|member| member.node.name.clone()).collect();
    let staying: Vec<NodeName> =
        remaining.iter().filter(|name| !removing.nodes.contains(name)).cloned().collect();
    let mut steps = Vec::new();
    for (node, facts) in named(basis, removing).into_iter().rev() {
        let Some(facts) = facts.filter(|facts| !untouched(facts)) else { continue };
        if facts.is_primary() {
            steps.extend(preparation::disarm_step(node, facts));
        }
        if facts.is_primary() {
            steps.extend(endpoint::drain(basis, &node.name, &staying, []));
            let mut step = |action, why: &str| steps.push(Step::new(node, action, why));
            if removing.drain_seconds > 0 {
                let action = ServerAction::Drain { seconds: removing.drain_seconds };
                step(action, "what a stop cuts off has to be done again elsewhere");
            }
            let action = ServerAction::Leave {
                unit: unit.clone(),
                nodes: remaining.clone(),
                most_members: remaining.len() + basis.inventory.arbitrators().len(),
                ist_only: false,
            };
            step(action, "the others go on without it");
            remaining.retain(|name| name != &node.name);
        } else if facts.server_runs() {
            let action = ServerAction::StopServer { unit: unit.clone() };
            steps.push(Step::new(node, action, "it runs, and is no member"));
        }
        steps.extend(endpoint::silence(basis, &node.name));
        if !facts.unit.is_masked() {
            let action = ServerAction::Mask { unit: unit.clone(), state: state.clone() };
            steps.push(Step::new(node, action, "its old configuration would bring it back at the next boot"));
        }
    }
    steps
}

/// The option files of the others become, to the byte, those of the inventory without the nodes.
fn address_lists(
    rest: &Basis<'_>,
    staying: &[&Member<'_>],
    _removing: &Removing<'_>,
) -> Result<Vec<Step>, RenderError> {
    let mut steps = keep_in_line(rest, staying.iter().copied())?;
    steps.extend(roles::lists(rest));
    Ok(steps)
}

fn consequences(
    basis: &Basis<'_>,
    removing: &Removing<'_>,
    first: &Member<'_>,
    votes: &Votes,
) -> Vec<String> {
    let of_node = |(node, facts): (&Node, Option<&HostFacts>)| match facts {
        Some(facts) if untouched(facts) => {
            format!("{}: it was never in the cluster, and nothing is done on its host", node.name)
        }
        Some(facts) => format!(
            "{}: it does not start any more, and its data stays in {}{}",
            node.name,
            facts.datadir.path,
            data(facts, first)
        ),
        None => {
            format!("{}: REMOVED UNSEEN, and not stopped; its next start would bring it back", node.name)
        }
    };
    let mut consequences: Vec<String> = named(basis, removing).into_iter().map(of_node).collect();
    consequences.push(votes.sentence());
    consequences
}

/// What the data of a stopped node is to the cluster, where it is no copy of a part of it.
fn data(facts: &HostFacts, first: &Member<'_>) -> String {
    let position = match facts.state() {
        NodeState::Primary { .. } | NodeState::Bare | NodeState::Fresh => return String::new(),
        NodeState::Member { position } => position,
        _ => return "; what it holds is not known, and galactl does not scan it any more".into(),
    };
    match (position.seqno, first.live.last_committed) {
        _ if Some(&position.uuid) != first.live.state_uuid.as_ref() => {
            format!("; it is of another history than the cluster's: {position}")
        }
        (Seqno::At(own), Seqno::At(cluster)) if own > cluster => {
            format!("; its last {} write-sets are nowhere else", own - cluster)
        }
        (Seqno::At(own), _) => format!(", up to seqno {own}"),
        (Seqno::Unknown, _) => "; it crashed, and may hold commits that the cluster lacks".into(),
    }
}

/// A joiner waits for ever for a donor that it names and that is gone.
fn named_donors(rest: &Inventory, removing: &Removing<'_>) -> Vec<String> {
    let warning = |node: &Node| {
        let donors = node.mysqld.get("wsrep_sst_donor")?;
        let gone =
            donors.split(',').find(|donor| removing.nodes.iter().any(|it| it.as_str() == donor.trim()))?;
        Some(format!(
            "{}: its wsrep_sst_donor names {}; next: change that in the inventory, then galactl apply-config {PLACE}",
            node.name,
            gone.trim()
        ))
    };
    rest.nodes.iter().filter_map(warning).collect()
}
