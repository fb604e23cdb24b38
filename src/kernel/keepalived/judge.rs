//! What is right and wrong with the shared address.

use super::facts::SharingFacts;
use super::program::{FILE, PACKAGE, UNIT};
use super::{Sharer, Sharing, settings};
use crate::kernel::judge::{Finding, Remedy, codes, programs};
use crate::kernel::model::NodeName;

/// Every host that was seen shares the address as the inventory says, or is about to.
pub fn is_shared(sharing: &Sharing<'_>, about_to: impl Fn(&NodeName) -> bool) -> bool {
    sharing.seen().count() > 0
        && sharing.seen().all(|(own, facts)| about_to(own.name) || ailing(sharing, own, facts).is_none())
}

/// Why hosts cannot share the address as things are: for each host, the first reason.
pub fn obstacles(sharing: &Sharing<'_>) -> Vec<Finding> {
    sharing.seen().filter_map(|(own, facts)| Some(obstacle(sharing, facts)?.on(own.name))).collect()
}

fn obstacle(sharing: &Sharing<'_>, facts: &SharingFacts) -> Option<Finding> {
    if let Some(refusal) = programs::masked(&facts.program.unit, UNIT) {
        return Some(refusal);
    }
    if facts.program.anothers().is_some() {
        return Some(programs::foreign_file(FILE, "leave `endpoint.virtual_address` out"));
    }
    let package = (PACKAGE, facts.program.package.as_ref());
    if let Some(refusal) =
        programs::not_installed(sharing.install, &facts.program.machine, package, "the proxy")
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
pub fn findings(sharing: &Sharing<'_>) -> Vec<Finding> {
    let address = sharing.shared.address;
    let mut findings: Vec<_> =
        sharing.seen().filter_map(|(own, facts)| ailing(sharing, own, facts)).collect();
    let holders: Vec<_> = sharing.holders().into_iter().map(NodeName::as_str).collect();
    let all_seen = sharing.seen().count() == sharing.all.len();
    let evidence = match holders.as_slice() {
        [_] => return findings,
        [] if !all_seen || !findings.is_empty() => return findings,
        [] => format!("no proxy has the address {address}"),
        several => format!("{} have the address {address} at once", several.join(" and ")),
    };
    let next = Remedy::from("the proxies must reach each other by VRRP, protocol 112; ")
        .and(Remedy::on_host(format!("journalctl -u {UNIT}")));
    findings.push(Finding::new(codes::SHARED_ADDRESS, evidence, next));
    findings
}

fn ailing(sharing: &Sharing<'_>, own: &Sharer<'_>, facts: &SharingFacts) -> Option<Finding> {
    let set_up = || Remedy::galactl(sharing.set_up, &[]);
    let there = facts.config();
    let file = settings::wanted(sharing, own, facts.places(), there);
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
    Some(programs::hindered(ailing, obstacle(sharing, facts), sharing.set_up).on(own.name))
}
