//! Whether all hosts were seen.

use super::{Basis, codes};
use crate::kernel::facts::{Seen, Unseen};
use crate::kernel::inventory::Entry as _;
use crate::kernel::judge::{Finding, Remedy, login};
use crate::mesh::inventory::{Inventory, Node};

/// A refusal for each host that was not seen: anything may run there.
pub fn unseen(basis: &Basis<'_>) -> Vec<Finding> {
    let is_seen = |node: &&Node| matches!(basis.observation.nodes.get(&node.name), Some(Seen::Facts(_)));
    let (seen, gone): (Vec<_>, Vec<_>) = basis.inventory.nodes.iter().partition(is_seen);
    let refusal = |node: &Node| {
        let why = match basis.observation.nodes.get(&node.name) {
            Some(Seen::Facts(_)) => return None,
            Some(Seen::Unreachable(why)) => why.clone(),
            None => "it was not scanned".into(),
        };
        // Nodes that are gone leave together: while one of them is listed, the removal of another one is refused. Where nobody
        // is seen, the fault is elsewhere.
        let gone = if seen.is_empty() { vec![node] } else { gone.clone() };
        Some(not_seen(basis.inventory, &why, node, &gone))
    };
    basis.inventory.nodes.iter().filter_map(refusal).collect()
}

/// The refusal of a host that was not seen. `gone`: all of these.
fn not_seen(inventory: &Inventory, why: &Unseen, node: &Node, gone: &[&Node]) -> Finding {
    let ssh = node.ssh();
    let next = Remedy::from("make `").and(login(&inventory.ssh, ssh)).and(match why {
        Unseen::NotRoot(_) => format!(" sudo -n true` work for {}, then run this again", ssh.user),
        Unseen::Other(_) => " true` work from here, then run this again".to_owned(),
    });
    let names = gone.iter().map(|node| node.name.as_str());
    let args: Vec<_> = names.clone().chain(names.flat_map(|name| ["--unseen", name])).collect();
    let words = if gone.len() == 1 {
        ". If its host is gone for good: "
    } else {
        ". If these hosts are gone for good: "
    };
    let next = next.and(words).and(Remedy::galactl("remove-node", &args));
    Finding::new(codes::UNREACHABLE, why.to_string(), next).on(&node.name)
}
