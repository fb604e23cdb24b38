//! Growing a healthy cluster by nodes that are in the inventory already.

use super::continuing::{keep_in_line, prepare_joiner, recover_step, running_differently};
use super::{Command, NoPlan, Plan, Step, consequence, ending, preparation};
use crate::galera::facts::{HostFacts, NodeState};
use crate::galera::inventory::Node;
use crate::galera::judge::Basis;
use crate::galera::judge::codes;
use crate::galera::judge::component::{Member, members, one_component, starting};
use crate::galera::judge::evidence::joiner_evidence;
use crate::galera::judge::guards;
use crate::galera::judge::ports;
use crate::galera::judge::tried;
use crate::galera::judge::unanswered;
use crate::galera::judge::unsynced;
use crate::galera::judge::wanted::is_ours;
use crate::galera::plan::ServerAction;
use crate::galera::plan::begin::begin;
use crate::galera::plan::no_plan::{refuse, refuse_or_wait};
use crate::galera::plan::roles;
use crate::galera::tls;
use crate::kernel::judge::{Finding, Remedy};
use crate::kernel::model::NodeName;
use crate::kernel::plan::Width;

/// Nodes whose data the user has agreed, in words, to lose.
pub type Discard<'a> = &'a [NodeName];

/// Plans the joining of `new` to the cluster that the inventory's other nodes form.
///
/// Errors: an unknown name, every reason not to go on, or a template that does not render.
pub fn add_node(basis: &Basis<'_>, new: &[NodeName], discard: Discard<'_>) -> Result<Plan, NoPlan> {
    refuse(guards::reachable(basis))?;
    refuse(unless_it_comes_back(guards::hosts(basis), new))?;
    refuse(ports::refusals(basis))?;
    refuse(hindered(basis, new))?;
    refuse(tried::new_files(basis))?;
    refuse(tried::own_files(basis, |node| new.contains(node)))?;
    let standing = members(basis);
    refuse_or_wait(basis, healthy(basis, &standing, new, starting(basis)?))?;
    let source = &standing[0];
    let joiners: Vec<_> = basis.nodes().filter(|(_, facts)| !facts.is_primary()).collect();

    let mut plan = begin(basis, Command::AddNode { nodes: new.to_vec() });
    plan.warnings = roles::warnings(basis);
    let mut refusals = running_differently(basis, &standing)?;
    let (mut recover, mut forget) = (Vec::new(), Vec::new());
    let mut steps = keep_in_line(basis, &standing)?;
    for (node, facts) in &joiners {
        let ours = is_ours(basis, node, facts)?;
        let evidence = joiner_evidence(basis, node, facts, source, ours);
        // How far a crashed node got does not matter once it is given up. One that was stopped may hold other rows than
        // the cluster, which no file tells.
        let given_up = discard.contains(&node.name)
            && (recover_step(basis, node, facts, source).is_some() || forget_step(node, facts).is_some());
        if evidence.is_some() || given_up {
            plan.consequences.push(consequence::discarded(node, facts));
            plan.discards.push(node.name.clone());
            forget.extend(forget_step(node, facts));
        } else {
            plan.consequences.extend(consequence::overwritten(node, facts));
            recover.extend(recover_step(basis, node, facts, source));
        }
        refusals.extend(evidence.and_then(|refusal| unless_discarded(refusal, node, facts, discard)));
        refusals.extend(guards::disk((node, facts), source.facts.datadir.bytes));
        steps.extend(prepare_joiner(basis, node, facts)?);
    }
    refuse(refusals)?;
    refuse(tls::steps::refusals(basis, |_| true))?;
    // Members and joiners must trust each other before the first of these starts.
    roles::renew(basis, &mut plan, &standing);

    roles::not_twice(&plan, &mut steps);
    plan.stage("Ask crashed nodes", Width::NodesInParallel, recover);
    plan.stage("Prepare", Width::NodesInParallel, steps);
    plan.stage("Give up what was discarded", Width::NodesInParallel, forget);
    if !joiners.is_empty() && source.facts.sst_grants.is_empty() {
        let account = preparation::sst_account_step(basis, source.node, source.facts.version());
        plan.stage("Account for SST", Width::Serial, account.into_iter().collect());
    }
    ending::join(basis, &mut plan, (source.node, source.facts), &joiners);
    roles::enlist(basis, &mut plan, &ending::all(basis), &standing);
    ending::verify(basis, &mut plan, source.node);
    roles::watch(basis, &mut plan, &ending::all(basis));
    roles::quiet(basis, &mut plan);
    roles::not_silently(basis, plan)
}

/// Why arbitrators that were named cannot be added: a plan without them would not be what was asked for.
fn hindered(basis: &Basis<'_>, new: &[NodeName]) -> Vec<Finding> {
    let mut obstacles = roles::obstacles(basis);
    obstacles.retain(|it| it.node.as_ref().is_some_and(|node| new.contains(node)));
    obstacles
}

/// Naming a node that was removed brings it back.
fn unless_it_comes_back(mut refusals: Vec<Finding>, new: &[NodeName]) -> Vec<Finding> {
    let named = |refusal: &Finding| refusal.node.as_ref().is_some_and(|node| new.contains(node));
    refusals.retain(|refusal| refusal.code != codes::REMOVED || !named(refusal));
    refusals
}

/// A refusal stands unless the user has named this node. A server that is part of some
/// cluster, or that cannot be asked, must be looked at first.
fn unless_discarded(
    mut refusal: Finding,
    node: &Node,
    facts: &HostFacts,
    discard: Discard<'_>,
) -> Option<Finding> {
    if matches!(facts.state(), NodeState::NonPrimary { .. } | NodeState::Mute { .. }) {
        return Some(refusal);
    }
    if discard.contains(&node.name) {
        return None;
    }
    refusal.remedy = refusal.remedy.and(format!(". To lose it knowingly: --discard {}", node.name));
    Some(refusal)
}

/// A node that still names its state is given what it lacks by that, and keeps what is its own.
fn forget_step(node: &Node, facts: &HostFacts) -> Option<Step> {
    let names = facts.datadir.grastate.known_uuid().is_some() || facts.datadir.gvwstate.is_there();
    let files = ["grastate.dat", "gvwstate.dat"].map(str::to_owned).to_vec();
    let action = ServerAction::Forget { datadir: facts.datadir.path.clone(), files };
    names.then(|| Step::new(node, action, "only a node without a state asks for the whole data"))
}

/// Every node but the ones that come or go is a Synced member of one component of the inventory's nodes.
pub(super) fn healthy(
    basis: &Basis<'_>,
    standing: &[Member<'_>],
    new: &[NodeName],
    starting: usize,
) -> Vec<Finding> {
    let next = Remedy::from("bring it back first; ")
        .and(Remedy::on_host(format!("systemctl status {}", basis.inventory.host.unit)));
    let ailing = |(node, facts): (&Node, &HostFacts)| {
        let evidence = match facts.live() {
            Some(live) if live.is_primary() => {
                return unsynced::refusal(live).map(|refusal| refusal.on(&node.name));
            }
            Some(_) => "it runs outside any Primary component".to_owned(),
            None => match facts.state() {
                NodeState::Mute { why } => {
                    return Some(unanswered::refusal(basis, &why).on(&node.name));
                }
                _ => "it is not running".to_owned(),
            },
        };
        Some(Finding::new(codes::UNHEALTHY, evidence, next.clone()).on(&node.name))
    };
    if standing.is_empty() {
        return guards::no_cluster(basis);
    }
    let others = basis.nodes().filter(|(node, _)| !new.contains(&node.name));
    let refusals: Vec<_> = others.filter_map(ailing).collect();
    if !refusals.is_empty() {
        return refusals;
    }
    one_component(basis, standing, starting)
}
