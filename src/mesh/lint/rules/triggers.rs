//! Triggers, which fire on one node, or on all of them.

use super::programs::{has_word, without_comments};
use crate::kernel::lint::Finding;
use crate::mesh::facts::{Table, Trigger};
use crate::mesh::lint::subject::{Subject, quoted};
use crate::mesh::rules::{TRIGGER, TRIGGER_ORIGIN};
use crate::postgresql::sql::identifier;

/// Languages whose text tells what a function does.
const READ: [&str; 2] = ["plpgsql", "sql"];

/// Those that fire where changes of other nodes are applied, too.
pub fn everywhere(it: Subject<'_>) -> Vec<Finding> {
    let of = |table: &Table, name: &String| {
        let fix = it.statement(format!("ALTER TABLE {} ENABLE TRIGGER {}", quoted(table), identifier(name)));
        let fix = format!("{fix} lets it fire where the change is made, and only there");
        let evidence = format!("has the trigger {name}, which fires on every node for one change");
        it.finding(TRIGGER, &table.full_name(), evidence, fix)
    };
    it.tables().flat_map(|table| table.triggers.iter().map(move |name| of(table, name))).collect()
}

/// Those that fire on the client's node alone, and do there what is not sent.
pub fn here(it: Subject<'_>) -> Vec<Finding> {
    let mut found = Vec::new();
    for table in it.tables() {
        for trigger in it.details(table).into_iter().flat_map(|more| &more.triggers) {
            let Some(what) = besides(it, trigger) else { continue };
            let evidence =
                format!("has the trigger {} ({}), which {what}", trigger.name, trigger.program.name);
            let fix = format!(
                "if the other nodes are to have that as well, on each node: ALTER TABLE {} ENABLE ALWAYS TRIGGER {}",
                quoted(table),
                identifier(&trigger.name)
            );
            found.push(it.finding(TRIGGER_ORIGIN, &table.full_name(), evidence, fix));
        }
    }
    found
}

/// What a trigger does that is not sent as rows; `None`: nothing, as far as its text tells.
fn besides(it: Subject<'_>, trigger: &Trigger) -> Option<String> {
    let program = &trigger.program;
    if !READ.contains(&program.language.as_str()) {
        return Some(format!("is written in {}", program.language));
    }
    let text = without_comments(&program.body).to_lowercase();
    if ["notify", "pg_notify"].iter().any(|word| has_word(&text, word)) {
        return Some("notifies clients of its own node only".into());
    }
    if has_word(&text, "refresh") && has_word(&text, "materialized") {
        return Some("refreshes a materialized view".into());
    }
    let mut unsent = it.told.tables.iter().filter(|table| !it.is_wanted(table));
    let table = unsent.find(|table| has_word(&text, &table.name.to_lowercase()))?;
    Some(format!("names {}, and that table is not sent", table.full_name()))
}
