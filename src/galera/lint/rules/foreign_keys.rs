//! Foreign keys by which one change of a row is many.

use crate::galera::lint::codes::FOREIGN_KEY_CASCADE;
use crate::galera::lint::finding::{Finding, Place};
use crate::galera::lint::schema::{ForeignKey, Schema, Table, quoted};

pub fn check(schema: &Schema, _place: Place) -> Vec<Finding> {
    let of_table = |table: &Table| {
        let finding = |key: &ForeignKey| Some(finding(table, key, &actions(key)?));
        table.foreign_keys.iter().filter_map(finding).collect::<Vec<_>>()
    };
    schema.tables.iter().flat_map(of_table).collect()
}

/// `ON DELETE CASCADE`; `None`: a change of the parent is refused.
fn actions(key: &ForeignKey) -> Option<String> {
    let writes = |action: &str| matches!(action, "CASCADE" | "SET NULL" | "SET DEFAULT");
    let delete = writes(&key.on_delete).then(|| format!("ON DELETE {}", key.on_delete));
    let update = writes(&key.on_update).then(|| format!("ON UPDATE {}", key.on_update));
    let all: Vec<_> = delete.into_iter().chain(update).collect();
    (!all.is_empty()).then(|| all.join(" "))
}

fn finding(table: &Table, key: &ForeignKey, actions: &str) -> Finding {
    let object = format!("{}.{}", table.name, key.name);
    let evidence = format!("changes rows of {} with those of {}: {actions}", table.name, key.parent);
    let (name, of) = (quoted(&key.name), table.name.quoted());
    let list = |names: &[String]| names.iter().map(|name| quoted(name)).collect::<Vec<_>>().join(", ");
    let parent = key.parent.quoted();
    let fix = format!(
        "let one node write to both tables; or delete the child rows first, in small transactions, and: ALTER TABLE {of} DROP FOREIGN KEY {name}, ADD FOREIGN KEY ({}) REFERENCES {parent} (…)",
        list(&key.columns)
    );
    Finding::new(FOREIGN_KEY_CASCADE, object, evidence, fix)
}
