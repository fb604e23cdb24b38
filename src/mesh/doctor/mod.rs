//! What was seen of a mesh → everything that is wrong or will be, each with what fixes it. Pure.
//!
//! What a status finds stands there; the other files hold what nothing else asks for.

mod disk;
mod remains;
mod rows;
mod sequences;
mod servers;
mod tables;

use super::inventory::Inventory;
use super::judge::{Basis, codes, slots};
use super::observation::Observation;
use super::status::status;
use crate::kernel::judge::Diagnosis;

/// Looks for everything. `before`: an earlier look at the same hosts, which tells how fast they write. `cut_off`: what is known
/// of a run of galactl on this mesh that was cut off.
pub fn examine(
    inventory: &Inventory,
    observation: &Observation,
    before: Option<&Observation>,
    cut_off: Option<&str>,
) -> Diagnosis {
    let basis = Basis { inventory, observation };
    let mut findings = status(inventory, observation).findings;
    // Here it is known how fast the disks fill.
    findings.retain(|finding| finding.code != codes::SLOT);
    findings.extend(slots::findings(&basis, &disk::growth(&basis, before)));
    findings.extend(disk::findings(&basis));
    findings.extend(tables::findings(&basis));
    findings.extend(rows::findings(&basis));
    findings.extend(sequences::findings(&basis));
    findings.extend(servers::findings(&basis));
    findings.extend(remains::findings(cut_off));
    findings.retain(|finding| !inventory.accepts(finding.code.name));
    let order: Vec<_> = inventory.nodes.iter().map(|it| &it.name).collect();
    Diagnosis::of(&inventory.cluster, findings, |name| order.iter().position(|known| *known == name))
}
