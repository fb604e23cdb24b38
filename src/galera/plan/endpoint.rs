//! The endpoint in every plan: what nodes tell proxies, the proxies, and the way of clients around a node that
//! leaves.

use super::{Action, Plan, Step};
use crate::galera::endpoint::Writes;
use crate::galera::haproxy::action::HaproxyAction;
use crate::galera::haproxy::{self, judge, settings};
use crate::galera::health;
use crate::galera::judge::Basis;
use crate::kernel::model::NodeName;
use crate::kernel::plan::Width;

/// Adds what these nodes lack to tell whether they serve, and what the proxies lack, once the nodes are the cluster.
pub fn bring_up(basis: &Basis<'_>, plan: &mut Plan, nodes: &[NodeName]) {
    let (Some(first), Some(_)) = (nodes.first(), basis.inventory.endpoint) else { return };
    let mut steps: Vec<Step> = health::steps::account(basis, first).into_iter().collect();
    steps.extend(health::steps::equip(basis, nodes));
    let changed = !steps.is_empty();
    plan.stage("Tell proxies who serves", Width::NodesInParallel, steps);
    plan.stage("Proxies", Width::NodesInParallel, haproxy::steps::set_up(basis, nodes, changed));
}

/// Lets clients in again at nodes that an earlier run has left drained, before anything else is taken out.
pub fn let_in(basis: &Basis<'_>, plan: &mut Plan, nodes: &[NodeName]) {
    plan.stage("Let clients in again", Width::NodesInParallel, health::steps::let_in(basis, nodes));
}

/// Sends clients elsewhere before a node leaves. `staying`: the members that go on without it; where nobody does,
/// nobody is drained.
pub fn drain(basis: &Basis<'_>, node: &NodeName, staying: &[NodeName]) -> Option<Step> {
    let others: Vec<NodeName> = staying.iter().filter(|other| *other != node).cloned().collect();
    (!others.is_empty()).then(|| health::steps::drain(basis, node, others)).flatten()
}

/// Proves that clients can write through the proxies that are set up, or are by this plan.
pub fn verify(basis: &Basis<'_>, plan: &Plan, nodes: &[NodeName]) -> Option<Step> {
    let run: Vec<&NodeName> = plan
        .steps()
        .filter(|step| matches!(step.action, Action::Haproxy(HaproxyAction::Run { .. })))
        .map(|step| &step.node)
        .collect();
    let endpoint = basis.inventory.endpoint?;
    let is_set_up = |proxy: &haproxy::Proxy, facts: &haproxy::facts::ProxyFacts| {
        let text = settings::text(basis.inventory, endpoint, proxy);
        facts.unit.active == "active" && settings::is_in_place(&text, facts.config.as_ref())
    };
    let seen =
        judge::seen(basis).filter(|(proxy, facts)| run.contains(&&proxy.name) || is_set_up(proxy, facts));
    let proxies: Vec<_> = seen.map(|(proxy, _)| proxy).collect();
    let first = *proxies.first()?;
    let names = proxies.iter().map(|proxy| proxy.name.clone()).collect();
    let action = HaproxyAction::Verify { proxies: names, nodes: nodes.to_vec() };
    Some(Step::new(first, action, "an endpoint is proved by a row"))
}

/// What a restart means for clients, in words. `None`: no proxy sends them elsewhere.
pub fn clients(basis: &Basis<'_>) -> Option<String> {
    let endpoint = basis.inventory.endpoint?;
    let equipped = health::steps::seen(basis).all(|(_, facts)| facts.listens());
    let moved = match endpoint.writes {
        Writes::Single => "; writes move to another node when the one that takes them leaves",
        Writes::Any => "",
    };
    equipped.then(|| {
        format!(
            "each is drained first: new clients go elsewhere, and its sessions get {} s to end{moved}",
            endpoint.drain_seconds
        )
    })
}
