//! What can be known of the last changes of a node that gives no answer.

use crate::kernel::judge::PLACE;
use crate::kernel::model::words::{bytes, names};
use crate::mesh::facts::{Database, HostFacts};
use crate::mesh::inventory::Node;
use crate::mesh::judge::Basis;
use crate::mesh::model::{DatabaseName, subscription};
use crate::postgresql::Lsn;

/// Sentences for the plan: what nobody can know, and how far each of those that stay has applied its changes. A node sends only
/// what was written on itself, so nobody gives one of them what another one has got.
pub fn told(basis: &Basis<'_>, gone: &Node, stays: &[(&Node, &HostFacts)]) -> Vec<String> {
    let name = &gone.name;
    let mut told = vec![
        format!(
            "{name} is given up: its last writes may be on no other node, and how many these are, nobody can see"
        ),
        format!(
            "if {name} is ever started again, its data are its own: first, on its host: sudo systemctl disable --now postgresql"
        ),
    ];
    let mut differ = false;
    for database in basis.databases() {
        let known: Vec<_> = stays
            .iter()
            .filter_map(|(node, facts)| Some((*node, applied(facts.database(database)?, node, gone))))
            .collect();
        differ |= known.iter().any(|(_, lsn)| *lsn != known[0].1);
        told.extend(sentences(database, gone, &known));
    }
    if differ {
        told.push(format!(
            "afterwards, galactl compare {PLACE} shows which rows the others do not have in common"
        ));
    }
    told
}

/// How far a node has applied the changes of the one that is gone.
fn applied(database: &Database, node: &Node, gone: &Node) -> Option<Lsn> {
    database.subscription(&subscription(&node.name, &gone.name))?.applied
}

fn sentences(database: &DatabaseName, gone: &Node, known: &[(&Node, Option<Lsn>)]) -> Vec<String> {
    let furthest = known.iter().filter_map(|(_, lsn)| *lsn).max();
    let Some(furthest) = furthest else {
        return vec![format!(
            "how far the others have the changes of {} in database {database} cannot be seen",
            gone.name
        )];
    };
    let with = |is: &dyn Fn(Option<Lsn>) -> bool| -> Vec<String> {
        known.iter().filter(|(_, lsn)| is(*lsn)).map(|(node, _)| node.name.to_string()).collect()
    };
    let first = with(&|lsn| lsn == Some(furthest));
    let verb = if first.len() == 1 { "has" } else { "have" };
    let mut told = vec![format!(
        "in database {database}, {} {verb} applied its changes up to {furthest}",
        names(&first, "and")
    )];
    for (node, lsn) in known {
        match lsn {
            Some(lsn) if *lsn == furthest => {}
            Some(lsn) => told.push(format!(
                "in database {database}, {} has them only up to {lsn}: what it lacks (at most {} of the WAL of {}) is given to it by nobody, and its rows differ from then on",
                node.name,
                bytes(furthest.since(*lsn)),
                gone.name
            )),
            None => told.push(format!(
                "in database {database}, how far {} has them cannot be seen: its rows may differ from then on",
                node.name
            )),
        }
    }
    told
}
