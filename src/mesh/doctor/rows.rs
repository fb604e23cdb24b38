//! What rows may meet where several nodes write: what the rules of lint find in the schema of a member.

use crate::kernel::judge::{Code, Finding};
use crate::mesh::judge::{Basis, codes, schema};
use crate::mesh::lint::rules;

const RULES: [Code; 6] = [
    codes::SECOND_KEY,
    codes::EXCLUSION,
    codes::FOREIGN_KEY,
    codes::FOREIGN_KEY_CASCADE,
    codes::FOREIGN_KEY_OUTSIDE,
    codes::TRIGGER,
];

/// All members have one schema, or that is a finding of its own. What the inventory accepts of lint is not told.
pub fn findings(basis: &Basis<'_>) -> Vec<Finding> {
    let living = basis.members().into_iter().find(|(_, facts)| facts.live().is_some());
    let Some((node, facts)) = living else { return Vec::new() };
    let of = |database| {
        let it = schema::subject(basis, &node.name, facts, database)?;
        let mut own = rules::of_look(it);
        own.retain(|it| {
            RULES.contains(&it.rule) && !basis.inventory.lint_accepts.iter().any(|own| own.covers(it))
        });
        Some(schema::told(database, own))
    };
    basis.inventory.databases.iter().filter_map(of).flatten().collect()
}
