//! Whether all hosts were seen.

use super::{Basis, codes};
use crate::kernel::facts::{Seen, Unseen};
use crate::kernel::inventory::{Entry, SshTarget};
use crate::kernel::judge::{Finding, Remedy, login};
use crate::patroni::inventory::Inventory;

/// A refusal for each host that was not seen: anything may run there.
pub fn unseen(basis: &Basis<'_>) -> Vec<Finding> {
    let observation = basis.observation;
    let nodes = basis.inventory.nodes.iter().filter_map(|node| {
        let why = reason(observation.nodes.get(&node.name))?;
        Some(not_seen(basis.inventory, &why, node.ssh()).on(&node.name))
    });
    let stores = basis.inventory.etcd_hosts.iter().filter_map(|member| {
        let why = reason(observation.etcd_hosts.get(&member.name))?;
        Some(not_seen(basis.inventory, &why, member.ssh()).on(&member.name))
    });
    nodes.chain(stores).collect()
}

fn reason<Facts>(seen: Option<&Seen<Facts>>) -> Option<Unseen> {
    match seen {
        Some(Seen::Facts(_)) => None,
        Some(Seen::Unreachable(why)) => Some(why.clone()),
        None => Some("it was not scanned".into()),
    }
}

/// The refusal of a host that was not seen.
pub fn not_seen(inventory: &Inventory, why: &Unseen, ssh: &SshTarget) -> Finding {
    let next = Remedy::from("make `").and(login(&inventory.ssh, ssh)).and(match why {
        Unseen::NotRoot(_) => format!(" sudo -n true` work for {}, then run this again", ssh.user),
        Unseen::Other(_) => " true` work from here, then run this again".to_owned(),
    });
    Finding::new(codes::UNREACHABLE, why.to_string(), next)
}
