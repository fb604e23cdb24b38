//! Growing a healthy cluster by nodes that are in the inventory already.

use super::action::Action;
use super::bootstrap::{drift, join_and_verify, joiner_evidence, refuse, warnings};
use super::guard::{Guard, Refusal};
use super::{Basis, Command, NoPlan, Plan, Width, guards, preparation};
use crate::facts::{HostFacts, Live, NodeState};
use crate::inventory::Node;
use crate::model::NodeName;

/// Nodes whose data the user has agreed, in words, to lose.
pub type Discard<'a> = &'a [NodeName];

/// Plans the joining of `new` to the cluster that the inventory's other nodes form.
///
/// Errors: an unknown name, every reason not to go on, or a template that does not render.
pub fn add_node(basis: &Basis<'_>, new: &[NodeName], discard: Discard<'_>) -> Result<Plan, NoPlan> {
    refuse(guards::reachable(basis))?;
    refuse(guards::hosts(basis))?;
    let (joining, members): (Vec<_>, Vec<_>) = basis.nodes().partition(|(node, _)| new.contains(&node.name));
    let (added, joining): (Vec<_>, Vec<_>) =
        joining.into_iter().partition(|(_, facts)| matches!(facts.state(), NodeState::Primary { .. }));
    let expected: Vec<_> = members.iter().chain(&added).copied().collect();
    refuse(healthy(basis, &expected))?;
    let Some((donor, live)) = members.first().and_then(|(node, facts)| Some((*node, facts.live()?))) else {
        let evidence = "the inventory has no node besides the new ones";
        return Err(NoPlan::Refused(vec![Refusal::new(Guard::Unhealthy, evidence, "galactl bootstrap inventory.yaml")]));
    };
    let donor_facts = members[0].1;

    let mut refusals = Vec::new();
    let mut steps = Vec::new();
    for (node, facts) in &expected {
        let wanted = preparation::wanted_config(basis, node, facts)?;
        refusals.extend((!preparation::in_force(facts.config.as_ref(), &wanted)).then(|| drift(node, facts)));
        steps.extend(preparation::config_step(basis, node, facts)?);
    }
    let mut consequences = Vec::new();
    for (node, facts) in &joining {
        let wanted = preparation::wanted_config(basis, node, facts)?;
        let ours = preparation::in_force(facts.config.as_ref(), &wanted);
        let evidence = joiner_evidence(basis, node, facts, live, ours);
        consequences.push(consequence(node, facts, evidence.is_some()));
        refusals.extend(evidence.filter(|_| !may_discard(node, facts, discard)).map(|refusal| told_in_words(refusal, node, facts)));
        refusals.extend(guards::disk((node, facts), donor_facts.datadir.bytes));
        steps.extend(preparation::before_start(basis, node, facts)?);
    }
    refuse(refusals)?;

    let mut plan = Plan::new(basis, Command::AddNode { nodes: new.to_vec() });
    plan.consequences = consequences;
    plan.warnings = warnings(basis);
    plan.stage("Prepare", Width::NodesInParallel, steps);
    if !joining.is_empty() && donor_facts.sst_grants.is_empty() {
        let account = preparation::sst_account_step(basis, donor, donor_facts.version());
        plan.stage("Account for SST", Width::Serial, account.into_iter().collect());
    }
    join_and_verify(basis, &mut plan, members[0], &joining);
    Ok(plan)
}

/// Data of a server that is stopped can be discarded; a running server must be looked at first.
fn may_discard(node: &Node, facts: &HostFacts, discard: Discard<'_>) -> bool {
    let stopped = !matches!(facts.state(), NodeState::NonPrimary { .. } | NodeState::Mute { .. });
    stopped && discard.contains(&node.name)
}

fn told_in_words(mut refusal: Refusal, node: &Node, facts: &HostFacts) -> Refusal {
    if may_discard(node, facts, std::slice::from_ref(&node.name)) {
        refusal.next = format!("{}. To lose it knowingly: --discard {}", refusal.next, node.name);
    }
    refusal
}

fn consequence(node: &Node, facts: &HostFacts, holds_data: bool) -> String {
    if !holds_data {
        return format!("{} joins; whatever its server holds so far is replaced by the cluster's data", node.name);
    }
    let datadir = &facts.datadir;
    let state = datadir.grastate.known_uuid().map_or_else(String::new, |uuid| format!(", state {uuid}"));
    let schemas: Vec<_> = datadir.schemas.iter().map(|schema| schema.name.as_str()).collect();
    format!(
        "DISCARDED on {}: {} in {} databases ({}){state}",
        node.name,
        super::text::bytes(datadir.schemas.iter().map(|schema| schema.bytes).sum()),
        schemas.len(),
        schemas.join(", ")
    )
}

/// Every member is Primary and Synced, in one view of the expected size.
fn healthy(basis: &Basis<'_>, members: &[(&Node, &HostFacts)]) -> Vec<Refusal> {
    let first = members.iter().find_map(|(_, facts)| facts.live());
    let mut refusals: Vec<_> = members
        .iter()
        .filter_map(|(node, facts)| {
            let evidence = ailment(basis, facts, first)?;
            let next = format!("bring it back first: systemctl status {}", basis.inventory.host.unit);
            Some(Refusal::new(Guard::Unhealthy, evidence, next).on(&node.name))
        })
        .collect();
    let known = members.len()..=members.len() + basis.inventory.arbitrators.len();
    let size = first.and_then(|live| usize::try_from(live.cluster_size).ok()).unwrap_or(0);
    if refusals.is_empty() && !known.contains(&size) {
        let evidence = format!("the cluster has {size} members, the inventory knows {}", members.len());
        refusals.push(Refusal::new(Guard::Unhealthy, evidence, "put all members into the inventory"));
    }
    refusals
}

fn ailment(basis: &Basis<'_>, facts: &HostFacts, first: Option<&Live>) -> Option<String> {
    let Some(live) = facts.live() else { return Some("it is not running, or does not answer".into()) };
    let first = first?;
    if !live.is_synced() {
        return Some(format!("it is {:?}, {}", live.cluster_status, live.local_state));
    }
    if live.cluster_name != basis.inventory.cluster.as_str() {
        return Some(format!("it is a member of `{}`", live.cluster_name));
    }
    (live.state_uuid != first.state_uuid || live.conf_id != first.conf_id)
        .then(|| "its view is another one than the first node's".into())
}

impl Plan {
    /// Nodes whose data this plan deletes with the user's word.
    pub fn discards(&self) -> bool {
        self.consequences.iter().any(|line| line.starts_with("DISCARDED"))
    }

    /// True when a step starts or founds anything.
    pub fn starts_servers(&self) -> bool {
        self.steps().any(|step| matches!(step.action, Action::NewCluster { .. } | Action::Join { .. }))
    }
}
