//! Foreign keys by which one change of a row is many.

use std::collections::BTreeMap;

use crate::galera::lint::codes::FOREIGN_KEY_CASCADE;
use crate::galera::lint::name::Name;
use crate::galera::lint::place::Place;
use crate::galera::lint::schema::{ForeignKey, Schema};
use crate::kernel::lint::Finding;

/// So many child tables are named, at most.
const NAMED: usize = 3;

/// One finding for each parent table: its rows are what is changed.
pub fn check(schema: &Schema, _place: Place) -> Vec<Finding> {
    let mut children: BTreeMap<&Name, Vec<String>> = BTreeMap::new();
    for table in &schema.tables {
        for key in &table.foreign_keys {
            if let Some(actions) = actions(key) {
                children.entry(&key.parent).or_default().push(format!("{} ({actions})", table.name));
            }
        }
    }
    children.into_iter().map(|(parent, children)| finding(parent, &children)).collect()
}

/// `ON DELETE CASCADE`; `None`: a change of the parent is refused.
fn actions(key: &ForeignKey) -> Option<String> {
    let writes = |action: &str| matches!(action, "CASCADE" | "SET NULL" | "SET DEFAULT");
    let delete = writes(&key.on_delete).then(|| format!("ON DELETE {}", key.on_delete));
    let update = writes(&key.on_update).then(|| format!("ON UPDATE {}", key.on_update));
    let all: Vec<_> = delete.into_iter().chain(update).collect();
    (!all.is_empty()).then(|| all.join(" "))
}

fn finding(parent: &Name, children: &[String]) -> Finding {
    let more = if children.len() > NAMED { ", …" } else { "" };
    let named = children[..children.len().min(NAMED)].join(", ");
    let keys =
        if children.len() == 1 { "1 foreign key".into() } else { format!("{} foreign keys", children.len()) };
    let evidence = format!("takes rows of other tables with its own, by {keys}: {named}{more}");
    let fix = "let one node delete its rows; or delete the child rows first, in small transactions";
    Finding::new(FOREIGN_KEY_CASCADE, parent, evidence, fix)
}
