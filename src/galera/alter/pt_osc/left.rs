//! What an interrupted pt-online-schema-change has left, and what may be somebody else's.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::seen::{OscSeen, OscTrigger};
use super::{TRIGGERS, beside};
use crate::galera::alter::Table;
use crate::kernel::model::words::{count, names};

/// The longest beginning of its triggers' names. (bin/pt-online-schema-change: `create_triggers`)
const LONGEST_PREFIX: usize = 60;

/// What is certainly its own, in the schema of the table.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Left {
    /// Triggers on the table itself.
    pub triggers: Vec<String>,
    /// Copies of the table, and the table as it was before the copy took its place.
    pub tables: Vec<String>,
}

impl Left {
    pub fn is_empty(&self) -> bool {
        self.triggers.is_empty() && self.tables.is_empty()
    }

    /// What removes all of it: the triggers first, because each write to the table goes on into the copy.
    pub fn statements(&self, schema: &str) -> Vec<String> {
        let quoted = |name: &String| format!("`{schema}`.`{name}`");
        let triggers = self.triggers.iter().map(|name| format!("DROP TRIGGER IF EXISTS {}", quoted(name)));
        let tables = self.tables.iter().map(|name| format!("DROP TABLE IF EXISTS {}", quoted(name)));
        triggers.chain(tables).collect()
    }

    /// In words: `3 triggers (…) and the table …`.
    pub fn words(&self) -> String {
        let mut parts = Vec::new();
        if !self.triggers.is_empty() {
            let what = count(self.triggers.len(), "trigger");
            parts.push(format!("{what} ({})", self.triggers.join(", ")));
        }
        if !self.tables.is_empty() {
            let what = if self.tables.len() == 1 { "table" } else { "tables" };
            parts.push(format!("the {what} {}", names(&self.tables, "and")));
        }
        names(&parts, "and")
    }
}

/// What it has left beside a table. A copy is its own where its triggers on the table write to it, or where it is
/// empty; a table of before is its own where its triggers are on it. The names of other tables come second: they may be
/// anybody's.
pub fn left(table: &Table, seen: &OscSeen) -> (Left, Vec<String>) {
    let own: Vec<&OscTrigger> = seen.triggers.iter().filter(|it| is_own(table, it)).collect();
    let written = |name: &str| {
        let quoted = Table { schema: table.schema.clone(), name: name.to_owned() }.quoted();
        own.iter().any(|it| it.on == table.name && it.statement.contains(&quoted))
    };
    let triggers = own.iter().filter(|it| it.on == table.name).map(|it| it.name.clone()).collect();
    let mut left = Left { triggers, ..Left::default() };
    let mut others = Vec::new();
    for (name, has_rows) in &seen.beside {
        let empty_copy = name.ends_with("_new") && !has_rows;
        match empty_copy || written(name) || own.iter().any(|it| it.on == *name) {
            true => left.tables.push(name.clone()),
            false => others.push(name.clone()),
        }
    }
    (left, others)
}

/// It has a name that it gives, and writes to a table of a name that it gives.
fn is_own(table: &Table, trigger: &OscTrigger) -> bool {
    let word = |c: char| if c.is_ascii_alphanumeric() { c } else { '_' };
    let full: String = format!("{TRIGGERS}{}_{}", table.schema, table.name).chars().map(word).collect();
    let prefix: String = full.chars().take(LONGEST_PREFIX).collect();
    let named = ["ins", "upd", "del"].iter().any(|end| trigger.name == format!("{prefix}_{end}"));
    let quoted = |name: String| Table { schema: table.schema.clone(), name }.quoted();
    named && beside(&table.name).any(|name| trigger.statement.contains(&quoted(name)))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn trigger(end: &str, on: &str, copy: &str) -> OscTrigger {
        let statement = format!("REPLACE INTO `shop`.`{copy}` (`id`) VALUES (NEW.`id`)");
        OscTrigger { name: format!("pt_osc_shop_orders_{end}"), on: on.into(), statement }
    }

    fn of(triggers: &[OscTrigger], beside: &[(&str, bool)]) -> (Vec<String>, Vec<String>, Vec<String>) {
        let beside = beside.iter().map(|(name, rows)| ((*name).to_owned(), *rows)).collect();
        let seen = OscSeen { triggers: triggers.to_vec(), beside, ..OscSeen::default() };
        let (left, others) = left(&"shop.orders".parse().expect("a table"), &seen);
        (left.triggers, left.tables, others)
    }

    #[test]
    fn a_copy_is_its_own_where_triggers_write_to_it() {
        let all = ["del", "upd", "ins"].map(|end| trigger(end, "orders", "_orders_new"));
        let (triggers, tables, others) = of(&all, &[("_orders_new", true), ("__orders_new", true)]);
        assert_eq!(triggers.len(), 3);
        assert_eq!((tables, others), (vec!["_orders_new".into()], vec!["__orders_new".into()]));
    }

    #[test]
    fn an_empty_copy_is_its_own_and_a_table_of_before_never_by_its_name_alone() {
        let (_, tables, others) = of(&[], &[("_orders_new", false), ("_orders_old", false)]);
        assert_eq!((tables, others), (vec!["_orders_new".into()], vec!["_orders_old".into()]));
    }

    /// Killed between the swap and the drop: the triggers went with the table.
    #[test]
    fn the_table_of_before_is_its_own_where_the_triggers_are_on_it() {
        let on_old = [trigger("ins", "_orders_old", "_orders_new")];
        let (triggers, tables, others) = of(&on_old, &[("_orders_old", true)]);
        assert_eq!((triggers, tables, others), (vec![], vec!["_orders_old".to_owned()], vec![]));
    }

    #[test]
    fn a_trigger_of_somebody_else_is_left_alone() {
        let mut mine = trigger("ins", "orders", "_orders_new");
        mine.name = "pt_osc_audit".into();
        let elsewhere = trigger("ins", "orders", "audit");
        assert_eq!(of(&[mine, elsewhere], &[]), (vec![], vec![], vec![]));
    }

    #[test]
    fn each_statement_names_what_it_removes() {
        let left = Left { triggers: vec!["a".into()], tables: vec!["_t_new".into()] };
        assert_eq!(
            left.statements("s"),
            ["DROP TRIGGER IF EXISTS `s`.`a`", "DROP TABLE IF EXISTS `s`.`_t_new`"]
        );
        assert_eq!(left.words(), "1 trigger (a) and the table _t_new");
    }
}
