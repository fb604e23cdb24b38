//! Whether all hosts were seen.

use super::{Basis, codes};
use crate::kernel::facts::{Seen, Unseen};
use crate::kernel::inventory::Entry as _;
use crate::kernel::judge::{Finding, Remedy, login};
use crate::mesh::inventory::{Inventory, Node};

/// A refusal for each host that was not seen: anything may run there.
pub fn unseen(basis: &Basis<'_>) -> Vec<Finding> {
    let refusal = |node: &Node| {
        let why = match basis.observation.nodes.get(&node.name) {
            Some(Seen::Facts(_)) => return None,
            Some(Seen::Unreachable(why)) => why.clone(),
            None => "it was not scanned".into(),
        };
        Some(not_seen(basis.inventory, &why, node))
    };
    basis.inventory.nodes.iter().filter_map(refusal).collect()
}

/// The refusal of a host that was not seen.
pub fn not_seen(inventory: &Inventory, why: &Unseen, node: &Node) -> Finding {
    let ssh = node.ssh();
    let next = Remedy::from("make `").and(login(&inventory.ssh, ssh)).and(match why {
        Unseen::NotRoot(_) => format!(" sudo -n true` work for {}, then run this again", ssh.user),
        Unseen::Other(_) => " true` work from here, then run this again".to_owned(),
    });
    let next = next
        .and(". If its host is gone for good: ")
        .and(Remedy::galactl("remove-node", &[node.name.as_str(), "--unseen", node.name.as_str()]));
    Finding::new(codes::UNREACHABLE, why.to_string(), next).on(&node.name)
}
