//! What a plan does for monitoring.

use super::action::MonitoringAction;
use super::judge::{obstacle, seen, socket};
use super::program::{ARGUMENTS, Place, Service, UNIT_FILE};
use super::targets::{Target, list as target_list};
use super::texts::lacking;
use crate::galera::judge::Basis;
use crate::galera::proxy::steps::helped;
use crate::kernel::facts::{ProgramFacts, UnitFacts};
use crate::kernel::inventory::Placement;
use crate::kernel::model::NodeName;
use crate::kernel::plan::{Action, HostAction, Step};

/// An action that can be one of this role, or one of any host.
pub trait Acts: Action + From<MonitoringAction> + From<HostAction> {}

impl<A: Action + From<MonitoringAction> + From<HostAction>> Acts for A {}

/// The steps for all programs that can be set up: the exporters, and then those that ask them. `first`: a node of the
/// cluster, on which the exporters' account is made.
pub fn set_up<A: Acts>(basis: &Basis<'_>, first: &NodeName) -> (Vec<Step<A>>, Vec<Step<A>>) {
    let possible = seen(basis).filter(|(place, facts)| obstacle(basis, place, facts).is_none());
    let (watchers, asked): (Vec<_>, Vec<_>) = possible.partition(|(place, _)| place.service.watches());
    let mut exporters: Vec<Step<A>> = account(basis, first, &asked).into_iter().collect();
    exporters.extend(asked.iter().flat_map(|(place, facts)| of_place(basis, place, facts)));
    let watching = watchers.iter().filter(|(place, _)| is_told(basis, place));
    let mut steps: Vec<Step<A>> = watching.flat_map(|(place, facts)| of_place(basis, place, facts)).collect();
    if !(exporters.is_empty() && steps.is_empty()) {
        steps.extend(verify(basis, &asked, &watchers));
    }
    (exporters, steps)
}

/// True where all values in its files are known. The URL of the webhook may have no value in this run.
fn is_told(basis: &Basis<'_>, place: &Place<'_>) -> bool {
    let has_webhook = basis.inventory.monitoring.as_ref().is_some_and(|it| it.webhook.is_some());
    place.service != Service::Alertmanager || !has_webhook || basis.observation.has_webhook
}

/// Creates the exporters' account. Where one exporter can log in, it exists on all nodes, because it replicates.
fn account<A: Acts>(
    basis: &Basis<'_>,
    first: &NodeName,
    asked: &[(Place<'_>, &ProgramFacts)],
) -> Option<Step<A>> {
    let mut exporters = asked.iter().filter(|(place, _)| place.service == Service::MysqldExporter).peekable();
    exporters.peek()?;
    let there = exporters.any(|(place, _)| basis.observation.logs_in.contains(place.member));
    let place = Placement { role: Service::MysqldExporter.role(), ..basis.inventory.placement(first) };
    let why = "the exporters log in with it through the unix socket; it replicates to all nodes";
    (!there).then(|| Step::new(&place, MonitoringAction::CreateAccount, why))
}

fn of_place<A: Acts>(basis: &Basis<'_>, place: &Place<'_>, facts: &ProgramFacts) -> Vec<Step<A>> {
    let on = place.placement();
    let mut steps = Vec::new();
    if facts.package.is_none() {
        let packages = place.service.program().packages.iter().map(|&it| it.to_owned()).collect();
        let why = "it is missing here; its own start is held back";
        steps.push(Step::new(&on, HostAction::InstallPackages { packages }, why));
    }
    let lacking = lacking(basis.inventory, place, socket(basis, place), facts);
    let read_at_start =
        |artefact: &str| matches!(artefact, UNIT_FILE | ARGUMENTS) || !place.service.watches();
    let restart = facts.stale
        || !facts.unit.works()
        || !facts.unit.is_enabled()
        || lacking.iter().any(|file| read_at_start(&file.artefact));
    let differs = !lacking.is_empty();
    for file in lacking {
        let why = match file.replaces && !facts.is_pristine(&file.artefact) {
            true => "the file is not what the inventory says",
            false => "it is what the inventory says of this host",
        };
        steps.push(Step::new(&on, HostAction::PutFile(file), why));
    }
    if differs || restart {
        let action = MonitoringAction::Run { unit: place.service.unit_name(), restart };
        steps.push(Step::new(&on, action, "the cluster is to be watched"));
    }
    steps
}

fn verify<A: Acts>(
    basis: &Basis<'_>,
    asked: &[(Place<'_>, &ProgramFacts)],
    watchers: &[(Place<'_>, &ProgramFacts)],
) -> Option<Step<A>> {
    let (prometheus, _) = watchers.iter().find(|(place, _)| place.service == Service::Prometheus)?;
    let action = MonitoringAction::Verify { targets: set_up_now(basis, asked) };
    Some(Step::new(&prometheus.placement(), action, "what is not asked is not watched"))
}

/// How many targets will answer after these steps. The plan's warnings say why the others will not.
fn set_up_now(basis: &Basis<'_>, asked: &[(Place<'_>, &ProgramFacts)]) -> usize {
    let is_there = |target: &Target| match Service::of(target.job) {
        Some(service) => {
            asked.iter().any(|(place, _)| place.service == service && *place.member == target.node)
        }
        None => helped(basis).any(|(proxy, _)| proxy.name == target.node),
    };
    target_list(basis.inventory).iter().filter(|target| is_there(target)).count()
}

/// Silences the alerts that a plan causes at these nodes, where there is an Alertmanager that works. One that somebody
/// else runs is asked by the host of Prometheus, which sends it alerts.
pub fn silence<A: Acts>(basis: &Basis<'_>, nodes: Vec<NodeName>) -> Option<Step<A>> {
    let anothers = basis.inventory.monitoring.as_ref().is_some_and(|it| it.alertmanager.is_some());
    let asks = |(place, facts): &(Place<'_>, &ProgramFacts)| match place.service {
        Service::Prometheus => anothers && facts.unit.works(),
        Service::Alertmanager => facts.unit.works() && obstacle(basis, place, facts).is_none(),
        Service::MysqldExporter | Service::NodeExporter => false,
    };
    let (place, _) = seen(basis).find(asks)?;
    let why = "nobody is to get up for planned work; alerts that it never causes are sent all the same";
    Some(Step::new(&place.placement(), MonitoringAction::Silence { nodes }, why))
}

/// Stops the exporters of a node that leaves for good.
pub fn retire<A: Acts>(basis: &Basis<'_>, node: &NodeName) -> Vec<Step<A>> {
    let of_node = seen(basis).filter(|(place, facts)| place.member == node && facts.unit.is_up());
    let step = |(place, _): (Place<'_>, &ProgramFacts)| {
        let action = MonitoringAction::Retire { unit: place.service.unit_name() };
        Step::new(&place.placement(), action, "Prometheus does not ask it any more")
    };
    of_node.map(step).collect()
}

/// What is assumed of a host that is not asked. `bare`: packages are to be installed.
pub fn fresh(bare: bool) -> ProgramFacts {
    // The package enables its unit.
    let unit = UnitFacts { file: "enabled".into(), ..UnitFacts::default() };
    let mut facts = ProgramFacts { package: (!bare).then(String::new), unit, ..ProgramFacts::default() };
    facts.machine.debian_family = true;
    facts
}
