//! What is right and wrong with the shared address.

use super::facts::SharingFacts;
use super::settings::{self, FILE};
use super::{PACKAGE, UNIT};
use crate::galera::judge::{Basis, codes};
use crate::galera::proxy::Proxy;
use crate::kernel::judge::{Finding, Remedy, programs};
use crate::kernel::model::NodeName;

/// The proxies whose hosts were seen, with their facts about the address.
fn seen<'a>(basis: &Basis<'a>) -> impl Iterator<Item = (&'a Proxy, &'a SharingFacts)> + use<'a> {
    let observation = basis.observation;
    let proxies = basis.inventory.proxies().iter();
    proxies.filter_map(move |proxy| Some((proxy, observation.sharing_of(&proxy.name)?)))
}

/// Every host that was seen shares the address as the inventory says, or is about to.
pub fn is_shared(basis: &Basis<'_>, about_to: impl Fn(&NodeName) -> bool) -> bool {
    seen(basis).count() > 0
        && seen(basis).all(|(proxy, facts)| about_to(&proxy.name) || ailing(basis, proxy, facts).is_none())
}

/// Why hosts cannot share the address as things are: for each host, the first reason.
pub fn obstacles(basis: &Basis<'_>) -> Vec<Finding> {
    let on_host =
        |(proxy, facts): (&Proxy, &SharingFacts)| obstacle(basis, facts).map(|it| it.on(&proxy.name));
    seen(basis).filter_map(on_host).collect()
}

fn obstacle(basis: &Basis<'_>, facts: &SharingFacts) -> Option<Finding> {
    if let Some(refusal) = programs::masked(&facts.program.unit, UNIT) {
        return Some(refusal);
    }
    if facts.program.anothers().is_some() {
        return Some(programs::foreign_file(FILE, "leave `endpoint.virtual_address` out"));
    }
    let package = (PACKAGE, facts.program.package.as_ref());
    if let Some(refusal) =
        programs::not_installed(basis.inventory.install, &facts.program.machine, package, "the proxy")
    {
        return Some(refusal);
    }
    facts.interface.is_none().then(|| {
        let evidence =
            "no interface has the proxy's own address, so that it cannot be told where the shared one goes";
        let next = "give the proxy an address of its host; ssh_address says where galactl reaches it";
        Finding::new(codes::WRONG_ADDRESS, evidence, next)
    })
}

/// What is wrong with the address: a host does not share it, or no host has it, or two have it.
pub fn findings(basis: &Basis<'_>) -> Vec<Finding> {
    let Some(shared) = basis.inventory.shared_address() else { return Vec::new() };
    let mut findings: Vec<_> = seen(basis).filter_map(|(proxy, facts)| ailing(basis, proxy, facts)).collect();
    let holders: Vec<_> =
        seen(basis).filter(|(_, facts)| facts.holds).map(|(proxy, _)| proxy.name.as_str()).collect();
    let all_seen = seen(basis).count() == basis.inventory.proxies().len();
    let evidence = match holders.as_slice() {
        [_] => return findings,
        [] if !all_seen || !findings.is_empty() => return findings,
        [] => format!("no proxy has the address {}", shared.address),
        several => format!("{} have the address {} at once", several.join(" and "), shared.address),
    };
    let next = Remedy::from("the proxies must reach each other by VRRP, protocol 112; ")
        .and(Remedy::on_host(format!("journalctl -u {UNIT}")));
    findings.push(Finding::new(codes::SHARED_ADDRESS, evidence, next));
    findings
}

fn ailing(basis: &Basis<'_>, proxy: &Proxy, facts: &SharingFacts) -> Option<Finding> {
    let shared = basis.inventory.shared_address()?;
    let set_up = || Remedy::galactl("apply-config", &[]);
    let there = facts.config();
    let file = settings::wanted(basis.inventory, shared, proxy, facts.places(), there);
    let (evidence, next) = if !facts.program.unit.works() {
        let evidence =
            format!("{UNIT}.service is {}: the address cannot come here", facts.program.unit.active);
        (evidence, set_up().and(" starts it"))
    } else if !file.is_there(there) {
        (format!("{FILE} is not what the inventory says"), set_up().and(" puts it right"))
    } else if facts.program.stale {
        let evidence = format!("{UNIT}.service runs with an older file than the one that is there");
        (evidence, set_up().and(" reloads it"))
    } else {
        return None;
    };
    let ailing = Finding::new(codes::SHARED_ADDRESS, evidence, next);
    Some(programs::hindered(ailing, obstacle(basis, facts), "apply-config").on(&proxy.name))
}
