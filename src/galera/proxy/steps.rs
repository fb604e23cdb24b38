//! What a plan does to proxies.

use super::action::ProxyAction;
use super::facts::ProxyFacts;
use super::judge::{obstacles, seen};
use super::wanted::lacking;
use super::{Kind, Proxy, proxysql};
use crate::galera::endpoint::{Endpoint, Writes};
use crate::galera::health::steps::kept_out;
use crate::galera::judge::Basis;
use crate::kernel::model::NodeName;
use crate::kernel::plan::{Action, HostAction, Step};

/// An action that can be one of this role, or one of any host.
pub trait Acts: Action + From<ProxyAction> + From<HostAction> {}

impl<A: Action + From<ProxyAction> + From<HostAction>> Acts for A {}

/// The steps for all proxies that can be set up, once these nodes serve. `changed`: the nodes' answers are about to
/// change, so that each proxy is waited for.
pub fn set_up<A: Acts>(basis: &Basis<'_>, nodes: &[NodeName], changed: bool) -> Vec<Step<A>> {
    let of_proxy = |(proxy, facts): (&Proxy, &ProxyFacts)| of_proxy(basis, proxy, facts, nodes, changed);
    helped(basis).flat_map(of_proxy).collect()
}

/// The proxies that can be set up as things are.
pub fn helped<'a>(basis: &Basis<'a>) -> impl Iterator<Item = (&'a Proxy, &'a ProxyFacts)> + use<'a> {
    let obstacles = obstacles(basis);
    let is_hindered = move |proxy: &Proxy| obstacles.iter().any(|it| it.node.as_ref() == Some(&proxy.name));
    seen(basis).filter(move |(proxy, _)| !is_hindered(proxy))
}

fn of_proxy<A: Acts>(
    basis: &Basis<'_>,
    proxy: &Proxy,
    facts: &ProxyFacts,
    nodes: &[NodeName],
    changed: bool,
) -> Vec<Step<A>> {
    let Some(endpoint) = basis.inventory.endpoint else { return Vec::new() };
    let mut steps = Vec::new();
    if facts.program.package.is_none() {
        steps.extend(install(basis, proxy));
    }
    let lacking = lacking(basis.inventory, endpoint, proxy, facts);
    let differs = !lacking.is_empty();
    for file in lacking {
        let why = match file.replaces && !facts.program.is_pristine(&file.artefact) {
            true => "the file is not what the inventory says",
            false => "it does not know the nodes yet",
        };
        steps.push(Step::new(proxy, HostAction::PutFile(file), why));
    }
    let nodes: Vec<&NodeName> = nodes.iter().filter(|node| !kept_out(basis, node)).collect();
    let sends = |node: &&NodeName| facts.takes(node);
    if differs || facts.program.stale || changed || !facts.runs() || !nodes.iter().all(sends) {
        let why = why_run(basis, endpoint, (proxy, facts), differs);
        let action =
            ProxyAction::Run { unit: proxy.kind.unit(), nodes: nodes.into_iter().cloned().collect() };
        steps.push(Step::new(proxy, action, why));
    }
    if !facts.program.unit.is_enabled() {
        let why = "it must come back by itself after a reboot";
        steps.push(Step::new(proxy, HostAction::EnableUnit { unit: proxy.kind.unit() }, why));
    }
    steps
}

fn why_run(
    basis: &Basis<'_>,
    endpoint: Endpoint,
    (proxy, facts): (&Proxy, &ProxyFacts),
    differs: bool,
) -> &'static str {
    match (facts.program.unit.works(), proxy.kind) {
        (true, Kind::Proxysql) if differs || facts.program.stale => {
            proxysql::steps::reload(basis, endpoint, facts)
        }
        (true, _) if differs => "open sessions go on while it reloads",
        (true, _) => "it asks the nodes by itself, and is waited for",
        (false, _) => "applications connect to it",
    }
}

/// Installs the packages from apt; ProxySQL itself from the file that the inventory names, where it names one.
fn install<A: Acts>(basis: &Basis<'_>, proxy: &Proxy) -> Vec<Step<A>> {
    let why = "it is missing here; its own start is held back";
    let packages = proxy.kind.program().packages;
    let section = basis.inventory.proxysql.as_ref().filter(|_| proxy.kind == Kind::Proxysql);
    let package = section.and_then(|section| section.package.as_ref());
    let file =
        package.and_then(|package| Some((package.file.clone(), package.local.as_ref()?.sha256.clone())));
    let by_name = packages.iter().filter(|it| file.is_none() || **it != packages[0]);
    let by_name = HostAction::InstallPackages { packages: by_name.map(|&it| it.to_owned()).collect() };
    let from_file =
        file.map(|(file, sha256)| Step::new(proxy, ProxyAction::InstallFile { file, sha256 }, why));
    [Step::new(proxy, by_name, why)].into_iter().chain(from_file).collect()
}

/// Lets others take the writes before a node leaves, where a ProxySQL chooses by itself who does. `to`: the nodes that
/// may, the best one first.
pub fn move_writes<A: Acts>(basis: &Basis<'_>, from: &NodeName, to: &[NodeName]) -> Vec<Step<A>> {
    let Some(endpoint) = basis.inventory.endpoint.filter(|it| it.writes == Writes::Single) else {
        return Vec::new();
    };
    let step = |(proxy, _): (&Proxy, &ProxyFacts)| {
        let action =
            ProxyAction::MoveWrites { from: from.clone(), to: to.to_vec(), seconds: endpoint.drain_seconds };
        let why = "it does not ask nodes whether they are drained; until its next check, in a second, all nodes take writes";
        Step::new(proxy, action, why)
    };
    let running = seen(basis).filter(|(proxy, facts)| !proxy.heeds_health() && facts.opinion.is_some());
    running.filter(|_| !to.is_empty()).map(step).collect()
}
