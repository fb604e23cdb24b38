//! What a plan does so that the proxies share an address.

use super::action::SharingAction;
use super::facts::{Places, SharingFacts};
use super::judge::obstacles;
use super::program::{PACKAGE, ROLE, unit};
use super::{Sharer, Sharing, settings};
use crate::kernel::facts::{Machine, ProgramFacts, Seen, UnitFacts};
use crate::kernel::inventory::Placement;
use crate::kernel::model::NodeName;
use crate::kernel::plan::{Action, HostAction, Step};

/// An action that can be one of this role, or one of any host.
pub trait Acts: Action + From<SharingAction> + From<HostAction> {}

impl<A: Action + From<SharingAction> + From<HostAction>> Acts for A {}

/// The steps that proxies lack to share the address, for those that can be set up. `helped`: whether this one is.
pub fn set_up<A: Acts>(sharing: &Sharing<'_>, helped: impl Fn(&NodeName) -> bool) -> Vec<Step<A>> {
    let obstacles = obstacles(sharing);
    let is_hindered = |own: &Sharer<'_>| obstacles.iter().any(|it| it.node.as_ref() == Some(own.name));
    let able = sharing.seen().filter(|(own, _)| helped(own.name) && !is_hindered(own));
    able.flat_map(|(own, facts)| of_host(sharing, own, facts)).collect()
}

fn of_host<A: Acts>(sharing: &Sharing<'_>, own: &Sharer<'_>, facts: &SharingFacts) -> Vec<Step<A>> {
    let place = Placement { member: own.name.clone(), host: own.host.clone(), role: ROLE };
    let mut steps = Vec::new();
    if facts.program.package.is_none() {
        let action = HostAction::InstallPackages { packages: vec![PACKAGE.into()] };
        steps.push(Step::new(&place, action, "it is missing here; its own start is held back"));
    }
    let there = facts.config();
    let file = settings::wanted(sharing, own, facts.places(), there);
    let differs = !file.is_there(there);
    if differs {
        steps.push(Step::new(&place, HostAction::PutFile(file), "the proxies share one address"));
    }
    if differs || facts.program.stale || !facts.program.unit.works() {
        let action = SharingAction::Share { address: sharing.shared.address.to_string() };
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
    let interface = Some(Places::USUAL.interface.to_owned());
    let machine = Machine { debian_family: true, ..Machine::default() };
    let program =
        ProgramFacts { machine, package: (!bare).then(String::new), unit, ..ProgramFacts::default() };
    Seen::Facts(Box::new(SharingFacts { program, interface, ..SharingFacts::default() }))
}
