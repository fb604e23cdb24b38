//! What a plan does so that the proxies share an address.

use super::action::SharingAction;
use super::facts::SharingFacts;
use super::judge::obstacles;
use super::{PACKAGE, ROLE, settings, unit};
use crate::galera::judge::Basis;
use crate::galera::proxy::Proxy;
use crate::galera::proxy::steps::helped;
use crate::kernel::facts::{Machine, ProgramFacts, Seen, UnitFacts};
use crate::kernel::inventory::Placement;
use crate::kernel::plan::{Action, HostAction, Step};

/// An action that can be one of this role, or one of any host.
pub trait Acts: Action + From<SharingAction> + From<HostAction> {}

impl<A: Action + From<SharingAction> + From<HostAction>> Acts for A {}

/// The steps that the proxies lack to share the address, for those that can be set up.
pub fn set_up<A: Acts>(basis: &Basis<'_>) -> Vec<Step<A>> {
    let obstacles = obstacles(basis);
    let is_hindered = |proxy: &Proxy| obstacles.iter().any(|it| it.node.as_ref() == Some(&proxy.name));
    let of_proxy = |(proxy, _): (&Proxy, _)| {
        let facts = basis.observation.sharing_of(&proxy.name)?;
        Some(of_host(basis, proxy, facts))
    };
    helped(basis).filter(|(proxy, _)| !is_hindered(proxy)).filter_map(of_proxy).flatten().collect()
}

fn of_host<A: Acts>(basis: &Basis<'_>, proxy: &Proxy, facts: &SharingFacts) -> Vec<Step<A>> {
    let Some(shared) = basis.inventory.shared_address() else { return Vec::new() };
    let place = Placement { member: proxy.name.clone(), host: proxy.host.clone(), role: ROLE };
    let mut steps = Vec::new();
    if facts.program.package.is_none() {
        let action = HostAction::InstallPackages { packages: vec![PACKAGE.into()] };
        steps.push(Step::new(&place, action, "it is missing here; its own start is held back"));
    }
    let there = facts.config();
    let file = settings::wanted(basis.inventory, shared, proxy, facts.places(), there);
    let differs = !file.is_there(there);
    if differs {
        steps.push(Step::new(&place, HostAction::PutFile(file), "the proxies share one address"));
    }
    if differs || facts.program.stale || !facts.program.unit.works() {
        let action = SharingAction::Share { address: shared.address.to_string() };
        steps.push(Step::new(&place, action, "clients know this address alone"));
    }
    if !facts.program.unit.is_enabled() {
        let why = "it must come back by itself after a reboot";
        steps.push(Step::new(&place, HostAction::EnableUnit { unit: unit() }, why));
    }
    steps
}

/// What is assumed of a host that is not asked. `bare`: the package is to be installed.
pub fn fresh(bare: bool) -> Seen<SharingFacts> {
    // The package enables its unit.
    let unit = UnitFacts { file: "enabled".into(), ..UnitFacts::default() };
    let interface = Some(settings::Places::USUAL.interface.to_owned());
    let machine = Machine { debian_family: true, ..Machine::default() };
    let program =
        ProgramFacts { machine, package: (!bare).then(String::new), unit, ..ProgramFacts::default() };
    Seen::Facts(Box::new(SharingFacts { program, interface, ..SharingFacts::default() }))
}
