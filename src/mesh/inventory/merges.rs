//! The merge functions of an inventory.

use std::collections::BTreeSet;

use super::Inventory;
use super::raw::RawMerge;
use crate::kernel::inventory::Values;
use crate::kernel::inventory::note::Note;
use crate::kernel::inventory::places::join;
use crate::kernel::inventory::text::shown;
use crate::mesh::model::{Merge, Pattern, Strategy, asks_outside};

const CODE: &str = "conflicts";

/// Reads the functions of one database. `None`: one of them is wrong.
pub fn read(values: &mut Values, written: Option<&[RawMerge]>, path: &str) -> Option<Vec<Merge>> {
    let (mut read, mut tables) = (Vec::new(), BTreeSet::new());
    for (index, raw) in written.unwrap_or_default().iter().enumerate() {
        let path = format!("{path}[{index}]");
        let merge = one(values, raw, &path);
        if let Some(merge) = &merge
            && !tables.insert(merge.full_name())
        {
            let message = format!("`{}` has a merge function already", shown(&merge.full_name()));
            values.notes.push(Note::error(CODE, join(&path, "table"), message).hint("keep one of them"));
        }
        read.push(merge);
    }
    read.into_iter().collect()
}

fn one(values: &mut Values, raw: &RawMerge, path: &str) -> Option<Merge> {
    let _: Pattern = values.parse(&raw.table, &join(path, "table"))?;
    let (schema, table) = raw.table.split_once('.')?;
    let wrong = if raw.table.contains('*') {
        Some(("table", "a merge function is for one table".to_owned(), "write its name in full"))
    } else if raw.function.trim().is_empty() || raw.function.contains('\0') {
        Some((
            "function",
            "no function is written here".to_owned(),
            "write `function: |`, and its body below",
        ))
    } else {
        asks_outside(&raw.function).map(|word| {
            let message = format!("it asks for `{word}`, which says something else on each node");
            ("function", message, "let it decide by the two rows alone")
        })
    };
    if let Some((field, message, hint)) = wrong {
        values.notes.push(Note::error(CODE, join(path, field), message).hint(hint));
        return None;
    }
    Some(Merge { schema: schema.into(), table: table.into(), function: raw.function.clone() })
}

/// Functions go together with the strategy that asks for them.
pub fn check(inventory: &Inventory) -> Vec<Note> {
    let custom = inventory.conflicts.strategy == Strategy::Custom;
    let wrong = |(index, database): (usize, &super::Database)| {
        let path = format!("databases[{index}]");
        match (custom, database.merges.is_empty()) {
            // What is only rendered has no function that could be tried.
            (true, true) if !inventory.method.is_run() => None,
            (true, true) => {
                let message =
                    format!("with `custom` every table of {} needs a merge function", database.name);
                Some(Note::error(CODE, path, message).hint("write `merges: [{table: …, function: …}]`"))
            }
            (false, false) => {
                let message = format!("with `{}` no merge function is called", inventory.conflicts.strategy);
                let note = Note::error(CODE, join(&path, "merges"), message);
                Some(note.hint("remove it, or write `conflicts: {strategy: custom}`"))
            }
            _ => None,
        }
    };
    inventory.databases.iter().enumerate().filter_map(wrong).collect()
}
