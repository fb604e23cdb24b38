//! Tables that are not the same on all members, or whose changes are not sent.

use crate::kernel::judge::Finding;
use crate::mesh::judge::{Basis, schema};
use crate::mesh::lint::rules::members;

pub fn findings(basis: &Basis<'_>) -> Vec<Finding> {
    let living: Vec<_> = basis.members().into_iter().filter(|(_, facts)| facts.live().is_some()).collect();
    let in_database = |database| {
        let subjects = living.iter().filter_map(|(node, facts)| {
            Some((&node.name, schema::subject(basis, &node.name, facts, database)?))
        });
        // Each table by itself: what is wrong with one is not wrong with the others.
        let found = members(&subjects.collect::<Vec<_>>());
        found.into_iter().flat_map(|finding| schema::told(database, vec![finding])).collect::<Vec<_>>()
    };
    basis.inventory.databases.iter().flat_map(in_database).collect()
}
