//! What an interrupted pt-online-schema-change has left: galactl's own, or somebody else's.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::TRIGGERS;
use super::seen::{OscSeen, OscTrigger, own_copy};
use crate::galera::alter::Table;
use crate::kernel::judge::shell_word;
use crate::kernel::model::words::{count, names};

/// The longest beginning of its triggers' names. (bin/pt-online-schema-change: `create_triggers`)
const LONGEST_PREFIX: usize = 60;

/// Triggers and tables in the schema of the table.
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
        let quoted = |name: &String| format!("`{schema}`.`{}`", name.replace('`', "``"));
        let triggers = self.triggers.iter().map(|name| format!("DROP TRIGGER IF EXISTS {}", quoted(name)));
        let tables = self.tables.iter().map(|name| format!("DROP TABLE IF EXISTS {}", quoted(name)));
        triggers.chain(tables).collect()
    }

    /// The same in one line for a shell of one node. The global value may be RSU, and then the other nodes would keep it.
    pub fn on_a_node(&self, schema: &str) -> String {
        let statements = self.statements(schema).join("; ");
        format!("sudo mariadb -e {}", shell_word(&format!("SET SESSION wsrep_OSU_method=TOI; {statements}")))
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

/// What is beside a table.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Beside {
    /// What galactl's own has left: its copy has a name that nothing else gives.
    pub own: Left,
    /// What belongs to triggers of anybody else's pt-online-schema-change, which may be at work somewhere.
    pub of_others: Left,
    /// Other tables of its names, which may be anybody's: a name proves nothing, and nor does a table without rows.
    pub tables: Vec<String>,
}

/// Tells apart what is beside a table.
pub fn left(table: &Table, seen: &OscSeen) -> Beside {
    let copy = own_copy(&table.name);
    let (own, others): (Vec<_>, Vec<_>) = seen.triggers.iter().partition(|it| is_own(table, it));
    let mut own = of_triggers(table, &own, &seen.beside);
    if seen.beside.contains(&copy) && !own.tables.contains(&copy) {
        own.tables.push(copy);
    }
    let mut of_others = of_triggers(table, &others, &seen.beside);
    of_others.tables.retain(|name| !own.tables.contains(name));
    let rest = seen.beside.iter().filter(|it| !own.tables.contains(it) && !of_others.tables.contains(it));
    Beside { tables: rest.cloned().collect(), own, of_others }
}

/// The triggers on the table, the copies that they write to, and the tables of before that they are on.
fn of_triggers(table: &Table, triggers: &[&OscTrigger], beside: &[String]) -> Left {
    let on_table = triggers.iter().filter(|it| it.on == table.name);
    let written = |name: &str| {
        let quoted = Table { schema: table.schema.clone(), name: name.to_owned() }.quoted();
        on_table.clone().any(|it| it.statement.contains(&quoted))
    };
    let tables = beside.iter().filter(|name| written(name) || triggers.iter().any(|it| it.on == **name));
    Left { triggers: on_table.clone().map(|it| it.name.clone()).collect(), tables: tables.cloned().collect() }
}

/// It has a name that the tool gives, and writes to the copy of galactl's own.
fn is_own(table: &Table, trigger: &OscTrigger) -> bool {
    let word = |c: char| if c.is_ascii_alphanumeric() { c } else { '_' };
    let full: String = format!("{TRIGGERS}{}_{}", table.schema, table.name).chars().map(word).collect();
    let prefix: String = full.chars().take(LONGEST_PREFIX).collect();
    let named = ["ins", "upd", "del"].iter().any(|end| trigger.name == format!("{prefix}_{end}"));
    let copy = Table { schema: table.schema.clone(), name: own_copy(&table.name) };
    named && trigger.statement.contains(&copy.quoted())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn trigger(end: &str, on: &str, copy: &str) -> OscTrigger {
        let statement = format!("REPLACE INTO `shop`.`{copy}` (`id`) VALUES (NEW.`id`)");
        OscTrigger { name: format!("pt_osc_shop_orders_{end}"), on: on.into(), statement }
    }

    fn of(triggers: &[OscTrigger], beside: &[&str]) -> Beside {
        let beside = beside.iter().map(|name| (*name).to_owned()).collect();
        let seen = OscSeen { triggers: triggers.to_vec(), beside, ..OscSeen::default() };
        left(&"shop.orders".parse().expect("a table"), &seen)
    }

    #[test]
    fn what_writes_to_galactls_copy_is_its_own() {
        let all = ["del", "upd", "ins"].map(|end| trigger(end, "orders", "_orders_galactl_new"));
        let found = of(&all, &["_orders_galactl_new", "_orders_new"]);
        assert_eq!((found.own.triggers.len(), found.own.tables), (3, vec!["_orders_galactl_new".into()]));
        assert_eq!((found.of_others, found.tables), (Left::default(), vec!["_orders_new".into()]));
    }

    /// It was killed before its triggers, or behind them.
    #[test]
    fn its_copy_is_its_own_without_triggers() {
        let found = of(&[], &["_orders_galactl_new"]);
        assert_eq!(found.own.tables, ["_orders_galactl_new"]);
    }

    /// A job may fill one of these names just now, or a pt-online-schema-change may be about to make its triggers.
    #[test]
    fn a_name_alone_proves_nothing() {
        let found = of(&[], &["_orders_new", "__orders_new", "_orders_old"]);
        assert!(found.own.is_empty() && found.of_others.is_empty(), "{found:?}");
        assert_eq!(found.tables.len(), 3);
    }

    /// Killed between the swap and the drop: the triggers went with the table.
    #[test]
    fn the_table_of_before_is_its_own_where_its_triggers_are_on_it() {
        let found = of(&[trigger("ins", "_orders_old", "_orders_galactl_new")], &["_orders_old"]);
        assert_eq!((found.own.triggers, found.own.tables), (vec![], vec!["_orders_old".to_owned()]));
        let found = of(&[trigger("ins", "_orders_old", "_orders_new")], &["_orders_old"]);
        assert_eq!((found.own.is_empty(), found.of_others.tables), (true, vec!["_orders_old".to_owned()]));
    }

    /// With `--new-table-name` its copy may have any name.
    #[test]
    fn triggers_of_its_names_are_somebody_elses_wherever_they_write() {
        for copy in ["_orders_new", "orders_v2", "audit"] {
            let found = of(&[trigger("ins", "orders", copy)], &["_orders_new"]);
            assert_eq!((found.own.is_empty(), found.of_others.triggers.len()), (true, 1), "{copy}");
            assert_eq!(found.of_others.tables.len(), usize::from(copy == "_orders_new"), "{copy}");
        }
        let mut mine = trigger("ins", "orders", "_orders_galactl_new");
        mine.name = "pt_osc_audit".into();
        assert_eq!(of(&[mine], &[]).of_others.triggers, ["pt_osc_audit"]);
    }

    #[test]
    fn each_statement_names_what_it_removes() {
        let left = Left { triggers: vec!["a".into()], tables: vec!["_t_new".into()] };
        assert_eq!(
            left.statements("s"),
            ["DROP TRIGGER IF EXISTS `s`.`a`", "DROP TABLE IF EXISTS `s`.`_t_new`"]
        );
        assert_eq!(
            left.on_a_node("s"),
            "sudo mariadb -e 'SET SESSION wsrep_OSU_method=TOI; DROP TRIGGER IF EXISTS `s`.`a`; DROP TABLE IF EXISTS `s`.`_t_new`'"
        );
        assert_eq!(left.words(), "1 trigger (a) and the table _t_new");
    }
}
