//! What an interrupted pt-online-schema-change has left.

use super::seen::{OscSeen, OscTrigger};
use crate::galera::alter::Table;
use crate::galera::sql::literal;
use crate::kernel::judge::shell_word;
use crate::kernel::model::words::{count, names};

/// Triggers and tables in the schema of the table.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
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

    /// What removes all of it, beside this table: the triggers first, because each write to the table goes on into the
    /// copy. Between them and the copy comes an ALTER that changes nothing: prepared statements of clients go on to open
    /// the copy until then, and MariaDB loses their rows when the copy is dropped (docs/decisions/no-pt-osc.md).
    pub fn statements(&self, table: &Table) -> Vec<String> {
        let quoted = |name: &String| Table { schema: table.schema.clone(), name: name.clone() }.quoted();
        let triggers = self.triggers.iter().map(|name| format!("DROP TRIGGER IF EXISTS {}", quoted(name)));
        let between = (!self.triggers.is_empty()).then(|| same_comment(table)).into_iter().flatten();
        let tables = self.tables.iter().map(|name| format!("DROP TABLE IF EXISTS {}", quoted(name)));
        triggers.chain(between).chain(tables).collect()
    }

    /// The same in one line for a shell of one node. The global value may be RSU, and then the other nodes would keep it.
    pub fn on_a_node(&self, table: &Table) -> String {
        let statements = self.statements(table).join("; ");
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

/// Gives the table the comment that it has.
fn same_comment(table: &Table) -> [String; 2] {
    let alter = literal(&format!("ALTER TABLE {} COMMENT ", table.quoted()));
    let of = format!("TABLE_SCHEMA = {} AND TABLE_NAME = {}", literal(&table.schema), literal(&table.name));
    [
        format!(
            "SELECT CONCAT({alter}, QUOTE(TABLE_COMMENT)) INTO @same FROM information_schema.TABLES WHERE {of}"
        ),
        "EXECUTE IMMEDIATE @same".to_owned(),
    ]
}

/// What belongs to its triggers. Other tables of its names may be anybody's: a name proves nothing, and nor does a table
/// without rows.
pub fn left(table: &Table, seen: &OscSeen) -> Left {
    of_triggers(table, &seen.triggers, &seen.beside)
}

/// The triggers on the table, the copies that they write to, and the tables of before that they are on.
fn of_triggers(table: &Table, triggers: &[OscTrigger], beside: &[String]) -> Left {
    let on_table = triggers.iter().filter(|it| it.on == table.name);
    let written = |name: &str| {
        let quoted = Table { schema: table.schema.clone(), name: name.to_owned() }.quoted();
        on_table.clone().any(|it| it.statement.contains(&quoted))
    };
    let tables = beside.iter().filter(|name| written(name) || triggers.iter().any(|it| it.on == **name));
    Left { triggers: on_table.clone().map(|it| it.name.clone()).collect(), tables: tables.cloned().collect() }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn trigger(end: &str, on: &str, copy: &str) -> OscTrigger {
        let statement = format!("REPLACE INTO `shop`.`{copy}` (`id`) VALUES (NEW.`id`)");
        OscTrigger { name: format!("pt_osc_shop_orders_{end}"), on: on.into(), statement }
    }

    fn of(triggers: &[OscTrigger], beside: &[&str]) -> Left {
        let beside = beside.iter().map(|name| (*name).to_owned()).collect();
        let seen = OscSeen { triggers: triggers.to_vec(), beside, ..OscSeen::default() };
        left(&"shop.orders".parse().expect("a table"), &seen)
    }

    /// A job may fill one of these names just now, or a pt-online-schema-change may be about to make its triggers.
    #[test]
    fn a_name_alone_proves_nothing() {
        assert!(of(&[], &["_orders_new", "__orders_new", "_orders_old"]).is_empty());
    }

    /// Killed between the swap and the drop: the triggers went with the table.
    #[test]
    fn the_table_of_before_is_its_own_where_its_triggers_are_on_it() {
        let found = of(&[trigger("ins", "_orders_old", "_orders_new")], &["_orders_old"]);
        assert_eq!((found.triggers, found.tables), (vec![], vec!["_orders_old".to_owned()]));
    }

    /// With `--new-table-name` its copy may have any name.
    #[test]
    fn triggers_of_its_names_are_its_own_wherever_they_write() {
        for copy in ["_orders_new", "orders_v2", "audit"] {
            let found = of(&[trigger("ins", "orders", copy)], &["_orders_new"]);
            assert_eq!(found.triggers.len(), 1, "{copy}");
            assert_eq!(found.tables.len(), usize::from(copy == "_orders_new"), "{copy}");
        }
    }

    #[test]
    fn each_statement_names_what_it_removes() {
        let left = Left { triggers: vec!["a".into()], tables: vec!["_t_new".into()] };
        let table = "s.t".parse().expect("a table");
        let statements = left.statements(&table);
        assert_eq!(statements.first().map(String::as_str), Some("DROP TRIGGER IF EXISTS `s`.`a`"));
        assert_eq!(statements.last().map(String::as_str), Some("DROP TABLE IF EXISTS `s`.`_t_new`"));
        assert!(statements[1].contains("'ALTER TABLE `s`.`t` COMMENT '"), "{statements:?}");
        assert_eq!(statements[2], "EXECUTE IMMEDIATE @same");
        let pasted = left.on_a_node(&table);
        assert!(
            pasted.starts_with("sudo mariadb -e 'SET SESSION wsrep_OSU_method=TOI; DROP TRIGGER"),
            "{pasted}"
        );
        let alone = Left { triggers: Vec::new(), ..left.clone() };
        assert_eq!(alone.statements(&table), ["DROP TABLE IF EXISTS `s`.`_t_new`"]);
        assert_eq!(left.words(), "1 trigger (a) and the table _t_new");
    }
}
