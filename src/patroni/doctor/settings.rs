//! What is set, and unwise.

use crate::kernel::judge::{Finding, Remedy};
use crate::patroni::config::bin_dir;
use crate::patroni::judge::{Basis, codes};
use crate::patroni::software;

pub fn findings(basis: &Basis<'_>) -> Vec<Finding> {
    checksums(basis).into_iter().chain(one_leader(basis)).collect()
}

/// One finding for all nodes: they are turned on for all of them at once, while all are stopped.
fn checksums(basis: &Basis<'_>) -> Option<Finding> {
    let without =
        basis.nodes().filter(|(_, facts)| facts.datadir.control.told().is_some_and(|it| !it.checksums));
    let without: Vec<_> = without.collect();
    let (_, facts) = without.first()?;
    let names: Vec<_> = without.iter().map(|(node, _)| node.name.as_str()).collect();
    let (path, programs) = (&facts.datadir.path, bin_dir(software::of(facts).ok()?.postgresql));
    let next = format!(
        "when all nodes are stopped the next time, on each of them: sudo -u postgres {programs}/pg_checksums --enable -D {path}"
    );
    Some(Finding::new(codes::CHECKSUMS, format!("the data of {} has no checksums", names.join(", ")), next))
}

fn one_leader(basis: &Basis<'_>) -> Option<Finding> {
    let nodes = &basis.inventory.nodes;
    let able: Vec<_> =
        nodes.iter().filter(|node| node.tags.failover).map(|node| node.name.as_str()).collect();
    let [only] = able.as_slice() else { return None };
    let next = Remedy::from("take `failover: no` away from one of the others in ").and(Remedy::Inventory);
    let evidence = format!("of {} nodes, only {only} may become the leader", nodes.len());
    (nodes.len() > 1).then(|| Finding::new(codes::ONE_LEADER, evidence, next))
}
