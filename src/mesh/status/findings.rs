//! What is not as it should be.

use crate::kernel::judge::{Finding, Remedy, Severity};
use crate::mesh::judge::standing::{self, Place, foreign, forgotten, new_databases, place, strangers};
use crate::mesh::judge::{Basis, clock, codes, drift, links, merges, numbers, reach, schema, slots};
use crate::mesh::model::Cluster;

/// Worst first.
pub fn findings(basis: &Basis<'_>) -> Vec<Finding> {
    let mut found = reach::unseen(basis);
    found.extend(nodes(basis));
    found.extend(foreign(basis));
    found.extend(forgotten(basis));
    found.extend(strangers(basis));
    found.extend(new_databases(basis));
    found.extend(standing::lost(basis));
    found.extend(links::findings(basis));
    found.extend(slots::findings(basis, &slots::Growth::new()));
    found.extend(drift::findings(basis));
    found.extend(merges::differing(basis));
    if let Some((node, facts)) = basis.members().first() {
        found.extend(schema::refusals(basis, &node.name, facts));
    }
    found.extend(numbers::twice(basis));
    found.extend(clock::skew(basis));
    found.sort_by_key(|finding| std::cmp::Reverse(finding.severity));
    found
}

fn nodes(basis: &Basis<'_>) -> Vec<Finding> {
    let born = !basis.members().is_empty();
    let mut found = Vec::new();
    for (node, facts) in basis.nodes() {
        let unit = facts.major().map(|major| Cluster(major).unit()).unwrap_or_default();
        let finding = match place(basis, node, facts) {
            Place::Member => None,
            _ if facts.live().is_none() && facts.server_runs() => {
                let next = Remedy::on_host(format!("sudo systemctl status {unit}"));
                Some(Finding::new(codes::NOT_RUNNING, "its server gives no answer", next))
            }
            Place::HasData if facts.live().is_none() && facts.datadir.joining.is_none() => {
                let next = Remedy::on_host(format!("sudo systemctl start {unit}"));
                Some(Finding::new(codes::NOT_RUNNING, "its server does not run", next))
            }
            // The others know it as a member: what that means is told beside this.
            Place::Free if standing::is_lost(basis, node, facts) => None,
            Place::Free | Place::HasData => Some(outside(born, node.name.as_str())),
        };
        found.extend(finding.map(|finding| finding.on(&node.name)));
    }
    found
}

fn outside(born: bool, node: &str) -> Finding {
    let (next, severity) = match born {
        true => (Remedy::galactl("add-node", &[node]), Severity::Degraded),
        false => (Remedy::galactl("bootstrap", &[]), Severity::Critical),
    };
    Finding::new(codes::NOT_MEMBER, "it is no member of the mesh", next).severity(severity)
}
