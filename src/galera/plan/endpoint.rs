//! The endpoint in every plan: what nodes tell proxies, the proxies, and the way of clients around a node that
//! leaves.

use super::{Action, Plan, Step};
use crate::galera::endpoint::Writes;
use crate::galera::health;
use crate::galera::health::action::HealthAction;
use crate::galera::inventory::Inventory;
use crate::galera::judge::{Basis, codes};
use crate::galera::proxy::action::ProxyAction;
use crate::galera::proxy::facts::ProxyFacts;
use crate::galera::proxy::{self, Kind, Proxy, judge, kinds, proxysql, sharing, wanted};
use crate::kernel::judge::{Finding, Remedy};
use crate::kernel::keepalived;
use crate::kernel::model::NodeName;
use crate::kernel::plan::Width;

/// The files of the nodes' own words and of the proxies: whose each is, its path and its text. A server's socket is
/// where the inventory says, or where Debian has it.
pub fn files(inventory: &Inventory) -> impl Iterator<Item = (&NodeName, &'static str, String)> {
    let socket = inventory.host.unasked_socket();
    inventory.endpoint.into_iter().flat_map(move |endpoint| {
        let told = inventory.nodes.iter().flat_map(move |node| {
            let wanted = health::files::wanted(inventory, endpoint, socket).into_iter();
            wanted.map(move |file| (&node.name, file.path, file.text))
        });
        let proxies = inventory.proxies().iter().flat_map(move |it| {
            kinds::texts(inventory, endpoint, it).map(move |(file, text)| (&it.name, file.path, text))
        });
        let sharing = sharing::unasked(inventory).map(|it| keepalived::settings::files(&it));
        let sharing = sharing.into_iter().flatten();
        told.chain(proxies).chain(sharing)
    })
}

/// Why parts of the endpoint cannot be set up as things are.
pub fn obstacles(basis: &Basis<'_>) -> Vec<Finding> {
    let shared = sharing::of(basis).map(|it| keepalived::judge::obstacles(&it)).unwrap_or_default();
    let proxies = judge::obstacles(basis).into_iter().chain(shared);
    health::judge::obstacles(basis).into_iter().chain(proxies).collect()
}

/// Adds what these nodes lack to tell whether they serve, and what the proxies lack, once the nodes are the cluster.
pub fn bring_up(basis: &Basis<'_>, plan: &mut Plan, nodes: &[NodeName]) {
    let (Some(first), Some(_)) = (nodes.first(), basis.inventory.endpoint) else { return };
    let mut steps: Vec<Step> = health::steps::account(basis, first).into_iter().collect();
    steps.extend(proxysql::steps::account(basis, first));
    plan.warnings.extend(proxysql::steps::account_left(basis));
    steps.extend(health::steps::equip(basis, nodes));
    let changed = !steps.is_empty();
    plan.stage("Tell proxies who serves", Width::NodesInParallel, steps);
    let mut proxies = proxy::steps::set_up(basis, nodes, changed);
    // Those that had to learn TLS first have been set up.
    proxies.retain(|step| plan.steps().all(|there| there.id != step.id));
    plan.warnings.extend(proxysql::steps::untested(proxies.iter().map(|step: &Step| step.role())));
    let width = if proxysql::steps::any_restarts(basis) { Width::Serial } else { Width::NodesInParallel };
    plan.stage("Proxies", width, proxies);
    let is_helped = |name: &NodeName| proxy::steps::helped(basis).any(|(proxy, _)| proxy.name == *name);
    let shared = sharing::of(basis).map(|it| keepalived::steps::set_up(&it, is_helped));
    plan.stage("The address that they share", Width::Serial, shared.unwrap_or_default());
}

/// A ProxySQL that reaches the nodes in clear text learns TLS before the first of them turns it away.
pub fn tls_first(basis: &Basis<'_>, plan: &mut Plan, nodes: &[NodeName]) {
    let (Some(endpoint), true) = (basis.inventory.endpoint, basis.inventory.requires_tls_of_clients()) else {
        return;
    };
    let learns = |proxy: &Proxy, facts: &ProxyFacts| {
        let behind =
            !wanted::lacking(basis.inventory, endpoint, proxy, facts).is_empty() || facts.program.stale;
        proxy.kind == Kind::Proxysql && facts.opinion.is_some() && behind
    };
    let learning: Vec<_> = proxy::steps::helped(basis).filter(|(it, facts)| learns(it, facts)).collect();
    let steps = proxy::steps::set_up(basis, nodes, false).into_iter();
    let steps =
        steps.filter(|step: &Step| learning.iter().any(|(proxy, _)| proxy.name == step.node)).collect();
    plan.stage("Let ProxySQL speak TLS before the nodes require it", Width::Serial, steps);
}

/// Lets clients in again at nodes that an earlier run has left drained, before anything else is taken out.
pub fn let_in(basis: &Basis<'_>, plan: &mut Plan, nodes: &[NodeName]) {
    plan.stage("Let clients in again", Width::NodesInParallel, health::steps::let_in(basis, nodes));
}

/// Sends clients elsewhere before a node leaves. `staying`: the members that go on without it; where nobody does,
/// nobody is drained. `later`: those of them that leave after it, which get the writes last, so that these move once.
pub fn drain<'n>(
    basis: &Basis<'_>,
    node: &NodeName,
    staying: &[NodeName],
    later: impl IntoIterator<Item = &'n NodeName>,
) -> Vec<Step> {
    let later: Vec<_> = later.into_iter().collect();
    let others = staying.iter().filter(|other| *other != node);
    let (last, mut heirs): (Vec<_>, Vec<_>) = others.cloned().partition(|other| later.contains(&other));
    heirs.extend(last);
    if heirs.is_empty() {
        return Vec::new();
    }
    let told = health::steps::drain(basis, node, staying);
    heirs.retain(|other| health::steps::takes_clients(basis, other));
    let mut steps = proxy::steps::move_writes(basis, node, &heirs);
    steps.extend(told);
    steps
}

/// A refusal for each node that takes clients and would leave none beside it that does. `staying`: the members that
/// are there while it is away, itself perhaps among them.
pub fn refusals<'n>(
    basis: &Basis<'_>,
    leaving: impl IntoIterator<Item = &'n NodeName>,
    staying: &[NodeName],
) -> Vec<Finding> {
    let alone = |node: &NodeName| {
        health::steps::takes_clients(basis, node)
            && !staying.iter().any(|other| other != node && health::steps::takes_clients(basis, other))
    };
    let refusal = |node: &NodeName| {
        let answer = |other: &NodeName| {
            let answer = basis.observation.health_of(other).and_then(|facts| facts.answer.as_ref());
            format!("{other} answers {}", answer.map_or_else(|| "nothing".to_owned(), ToString::to_string))
        };
        let others: Vec<_> = staying.iter().filter(|other| *other != node).map(answer).collect();
        let evidence = format!("proxies could send clients to no other node: {}", others.join(", "));
        let next = Remedy::galactl("doctor", &[]).and(" tells what keeps clients from the others");
        Finding::new(codes::UNHEALTHY, evidence, next).on(node)
    };
    leaving.into_iter().filter(|node| alone(node)).map(refusal).collect()
}

/// Lets a node that is removed tell nobody anything any more.
pub fn silence(basis: &Basis<'_>, node: &NodeName) -> Option<Step> {
    let listens = basis.observation.health_of(node).is_some_and(health::facts::HealthFacts::listens);
    let why = "it serves nobody any more";
    listens.then(|| Step::new(&health::steps::place(basis, node), HealthAction::Silence, why))
}

/// Proves that clients can write through the proxies that are set up, or are by this plan.
pub fn verify(basis: &Basis<'_>, plan: &Plan, nodes: &[NodeName]) -> Option<Step> {
    let run: Vec<&NodeName> = plan
        .steps()
        .filter(|step| matches!(step.action, Action::Proxy(ProxyAction::Run { .. })))
        .map(|step| &step.node)
        .collect();
    let endpoint = basis.inventory.endpoint?;
    let is_set_up = |proxy: &Proxy, facts: &ProxyFacts| {
        facts.runs() && wanted::lacking(basis.inventory, endpoint, proxy, facts).is_empty()
    };
    let seen =
        judge::seen(basis).filter(|(proxy, facts)| run.contains(&&proxy.name) || is_set_up(proxy, facts));
    let proxies: Vec<_> = seen.map(|(proxy, _)| proxy).collect();
    let first = *proxies.first()?;
    let names = proxies.iter().map(|proxy| proxy.name.clone()).collect();
    let shared =
        sharing::of(basis).filter(|it| keepalived::judge::is_shared(it, |proxy| shares(plan, proxy)));
    let shared = shared.map(|it| it.shared.address);
    let action = ProxyAction::Verify { proxies: names, shared, nodes: nodes.to_vec() };
    Some(Step::new(first, action, "an endpoint is proved by a row"))
}

/// The plan lets this proxy's host share the address.
fn shares(plan: &Plan, proxy: &NodeName) -> bool {
    let mut of_proxy = plan.steps().filter(|step| step.node == *proxy);
    of_proxy.any(|step| matches!(step.action, Action::Keepalived(_)))
}

/// What a restart means for clients, in words. Empty where no proxy sends them elsewhere.
pub fn clients(basis: &Basis<'_>) -> Vec<String> {
    let Some(endpoint) = basis.inventory.endpoint else { return Vec::new() };
    if !health::steps::seen(basis).all(|(_, facts)| facts.listens()) {
        return Vec::new();
    }
    let moved = match endpoint.writes {
        Writes::Single => "; writes move to another node when the one that takes them leaves",
        Writes::Any => "",
    };
    let all = format!(
        "each is drained first: new clients go elsewhere, and its sessions get {} s to end{moved}",
        endpoint.drain_seconds
    );
    std::iter::once(all).chain(proxysql::steps::clients(basis, endpoint)).collect()
}
