//! What a plan does to proxies.

use super::action::ProxyAction;
use super::facts::ProxyFacts;
use super::judge::{seen, shared};
use super::settings::wanted;
use super::{ClientPorts, Proxy};
use crate::kernel::haproxy;
use crate::kernel::keepalived;
use crate::kernel::model::NodeName;
use crate::kernel::plan::{Action, HostAction, Step};
use crate::patroni::judge::Basis;

/// An action that can be one of this role, or one of any host.
pub trait Acts: Action + From<ProxyAction> + From<HostAction> {}

impl<A: Action + From<ProxyAction> + From<HostAction>> Acts for A {}

/// The package and the file, where they are missing or another one is there. A file takes effect by [`run`].
pub fn prepare<A: Acts>(basis: &Basis<'_>) -> Vec<Step<A>> {
    let Some(ports) = basis.inventory.endpoint else { return Vec::new() };
    seen(basis).flat_map(|(proxy, facts)| of_host(basis, ports, proxy, facts)).collect()
}

fn of_host<A: Acts>(
    basis: &Basis<'_>,
    ports: ClientPorts,
    proxy: &Proxy,
    facts: &ProxyFacts,
) -> Vec<Step<A>> {
    let mut steps = Vec::new();
    if facts.program.package.is_none() {
        let packages = haproxy::PACKAGES.iter().map(|&it| it.to_owned()).collect();
        let action = HostAction::InstallPackages { packages };
        steps.push(Step::new(proxy, action, "it is missing here; its own start is held back"));
    }
    let there = facts.config();
    let file = wanted(basis.inventory, ports, proxy, there);
    if !file.is_there(there) {
        let why = match file.replaces && !facts.program.is_pristine(&file.artefact) {
            true => "the file is not what the inventory says",
            false => "it does not know the nodes yet",
        };
        steps.push(Step::new(proxy, HostAction::PutFile(file), why));
    }
    steps
}

/// Lets the proxies run with their files. `primary`: to whom they are to send writes already; `None`: nobody, before
/// there is a cluster.
pub fn run<A: Acts>(basis: &Basis<'_>, primary: Option<&NodeName>) -> Vec<Step<A>> {
    let Some(ports) = basis.inventory.endpoint else { return Vec::new() };
    let of_proxy = |(proxy, facts): (&Proxy, &ProxyFacts)| {
        let mut steps = Vec::new();
        let differs = !wanted(basis.inventory, ports, proxy, facts.config()).is_there(facts.config());
        let works = facts.program.unit.works();
        let is_right = primary.is_some_and(|primary| facts.leads_to(primary));
        if differs || facts.program.stale || !works || !is_right {
            let why = match (works, differs) {
                (true, true) => "open sessions go on for 5 minutes after it has reloaded, and are cut then",
                (true, false) => "it asks the nodes by itself, and is waited for",
                (false, _) => "applications connect to it",
            };
            steps.push(Step::new(proxy, ProxyAction::Run, why));
        }
        if !facts.program.unit.is_enabled() {
            let why = "it must come back by itself after a reboot";
            steps.push(Step::new(proxy, HostAction::EnableUnit { unit: haproxy::unit() }, why));
        }
        steps
    };
    seen(basis).flat_map(of_proxy).collect()
}

/// Lets the proxies share an address, where they are to.
pub fn share<A: keepalived::steps::Acts>(basis: &Basis<'_>) -> Vec<Step<A>> {
    shared(basis).map(|it| keepalived::steps::set_up(&it, |_| true)).unwrap_or_default()
}

/// Proves that clients get through all proxies, and through the address that they share; `None`: there are none.
pub fn verify<A: Acts>(basis: &Basis<'_>) -> Option<Step<A>> {
    let proxies = &basis.inventory.proxies;
    let names = proxies.iter().map(|proxy| proxy.name.clone()).collect();
    let action =
        ProxyAction::Verify { proxies: names, shared: basis.inventory.shared_address.map(|it| it.address) };
    Some(Step::new(proxies.first()?, action, "an endpoint is proved by a row"))
}
