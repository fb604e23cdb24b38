//! What was seen of a cluster → everything that is wrong or will be, each with what fixes it. Pure.
//!
//! What a status finds stands there; the other files hold what nothing else asks for.

mod disk;
mod lag;
mod remains;
mod settings;
mod units;

use super::facts::HostFacts;
use super::inventory::Inventory;
use super::judge::{Basis, leader};
use super::observation::Observation;
use super::status::status;
use crate::kernel::judge::Diagnosis;

/// Looks for everything. `cut_off`: what is known of a run of galactl on this cluster that was cut off.
pub fn examine(inventory: &Inventory, observation: &Observation, cut_off: Option<&str>) -> Diagnosis {
    let basis = Basis { inventory, observation };
    let mut findings = status(inventory, observation).findings;
    let primary = leader::primary(&basis);
    if let Some(live) = primary.and_then(|name| observation.facts(name)).and_then(HostFacts::live) {
        findings.extend(lag::findings(&basis, live));
    }
    findings.extend(disk::findings(&basis));
    findings.extend(settings::findings(&basis));
    findings.extend(units::findings(&basis));
    findings.extend(remains::findings(&basis, cut_off));
    findings.retain(|finding| !inventory.accepts(finding.code.name));
    let hosts = inventory.etcd_hosts.iter().map(|it| &it.name);
    let proxies = inventory.proxies.iter().map(|it| &it.name);
    let order: Vec<_> = inventory.nodes.iter().map(|it| &it.name).chain(hosts).chain(proxies).collect();
    Diagnosis::of(&inventory.cluster, findings, |name| order.iter().position(|known| *known == name))
}
