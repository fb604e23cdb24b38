//! The steps of a plan that set up the nodes' health units, and drain nodes.

use super::action::HealthAction;
use super::answer::Answer;
use super::facts::HealthFacts;
use super::{ROLE, files};
use crate::galera::facts::{HostFacts, Live};
use crate::galera::inventory::Node;
use crate::galera::judge::Basis;
use crate::kernel::inventory::Placement;
use crate::kernel::model::NodeName;
use crate::kernel::plan::{Action, HostAction, PutFile, Step};

/// An action that can be one of this role, or one of any host.
pub trait Acts: Action + From<HealthAction> + From<HostAction> {}

impl<A: Action + From<HealthAction> + From<HostAction>> Acts for A {}

/// A node in this role.
pub fn place(basis: &Basis<'_>, node: &NodeName) -> Placement {
    Placement { role: ROLE, ..basis.inventory.placement(node) }
}

/// The steps that these nodes lack, so that they tell whether they serve.
pub fn equip<A: Acts>(basis: &Basis<'_>, nodes: &[NodeName]) -> Vec<Step<A>> {
    let of_node = |(node, facts): (&Node, &HealthFacts)| of_node(basis, node, facts);
    let named = seen(basis).filter(|(node, facts)| nodes.contains(&node.name) && facts.taken.is_none());
    named.flat_map(of_node).collect()
}

fn of_node<A: Acts>(basis: &Basis<'_>, node: &Node, facts: &HealthFacts) -> Vec<Step<A>> {
    let place = place(basis, &node.name);
    let mut steps = Vec::new();
    if !facts.user {
        let why = "the script that tells whether the node serves needs no rights";
        steps.push(Step::new(&place, HealthAction::CreateUser, why));
    }
    let mut changed = false;
    for file in lacking(basis, node, facts) {
        let why = match file.replaces {
            false => "the node is to tell proxies whether it serves",
            true => "the file is not what the inventory says",
        };
        changed |= file.path != files::SCRIPT;
        steps.push(Step::new(&place, HostAction::PutFile(file), why));
    }
    if changed || facts.stale || !facts.listens() {
        steps.push(Step::new(&place, HealthAction::Listen, "proxies ask it every second"));
    }
    steps
}

/// The files that are missing, or are not what the inventory says.
pub fn lacking(basis: &Basis<'_>, node: &Node, facts: &HealthFacts) -> Vec<PutFile> {
    let server = basis.observation.facts(&node.name);
    let (Some(endpoint), Some(server)) = (basis.inventory.endpoint, server) else { return Vec::new() };
    let wanted = files::wanted(basis.inventory, endpoint, &server.socket).into_iter();
    let put = |file: files::Wanted| {
        let there = facts.file(file.artefact);
        Some(file.put(&node.host, there)).filter(|file| !file.is_there(there))
    };
    wanted.filter_map(put).collect()
}

/// Creates the account, which replicates. Where the script of one node has logged in with it, it exists.
pub fn account<A: Acts>(basis: &Basis<'_>, on: &NodeName) -> Option<Step<A>> {
    basis.inventory.endpoint?;
    let logs_in =
        |facts: &HealthFacts| facts.answer.as_ref().is_some_and(|answer| answer.serves() || answer.drains());
    let there = seen(basis).any(|(_, facts)| logs_in(facts));
    let why = "the script logs in with it through the unix socket; it replicates to all nodes";
    (!there).then(|| Step::new(&place(basis, on), HealthAction::CreateAccount, why))
}

/// Lets clients in again at nodes that were left drained.
pub fn let_in<A: Acts>(basis: &Basis<'_>, nodes: &[NodeName]) -> Vec<Step<A>> {
    let drained = seen(basis).filter(|(node, facts)| nodes.contains(&node.name) && facts.draining);
    let why = "it was drained, and is not about to leave";
    drained.map(|(node, _)| Step::new(&place(basis, &node.name), HealthAction::Serve, why)).collect()
}

/// Drains a node that is about to leave, where proxies ask it. Those of `staying` that serve go on without it.
pub fn drain<A: Acts>(basis: &Basis<'_>, node: &NodeName, staying: &[NodeName]) -> Option<Step<A>> {
    let endpoint = basis.inventory.endpoint?;
    let facts = basis.observation.health_of(node)?;
    let others =
        staying.iter().filter(|other| *other != node && takes_clients(basis, other)).cloned().collect();
    let action = HealthAction::Drain { others, seconds: endpoint.drain_seconds };
    let why = "its clients go elsewhere before it leaves";
    facts.listens().then(|| Step::new(&place(basis, node), action, why))
}

/// The node serves, or will do so as soon as it is not drained any more.
pub fn takes_clients(basis: &Basis<'_>, node: &NodeName) -> bool {
    let answer = basis.observation.health_of(node).and_then(|facts| facts.answer.as_ref());
    answer.is_some_and(|answer| (answer.serves() || answer.drains()) && !answer.lacks_room())
}

/// Nodes for which galactl does not wait until proxies send clients there: a Synced member that refuses them, such as
/// one that is read-only, or a node that the proxies cannot ask, because another program has the port.
pub fn kept_out(basis: &Basis<'_>, node: &NodeName) -> bool {
    let Some(facts) = basis.observation.health_of(node) else { return false };
    let synced = basis.observation.facts(node).and_then(HostFacts::live).is_some_and(Live::is_synced);
    let refuses = |answer: &Answer| answer.status == 503 && !answer.lacks_account() || answer.lacks_room();
    let refuses = facts.answer.as_ref().is_some_and(refuses);
    facts.taken.is_some() || synced && refuses
}

/// The data nodes whose hosts were seen, with what was seen of their health units.
pub fn seen<'a>(basis: &Basis<'a>) -> impl Iterator<Item = (&'a Node, &'a HealthFacts)> + use<'a> {
    let observation = basis.observation;
    basis.inventory.start_order().filter_map(move |node| Some((node, observation.health_of(&node.name)?)))
}
