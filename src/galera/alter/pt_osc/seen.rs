//! What a member tells of pt-online-schema-change: what one has left beside a table, and whether one is at work.

use serde::{Deserialize, Serialize};

use super::{COMMENT, TRIGGERS};
use crate::galera::alter::{Change, Table};
use crate::galera::sql::literal;
use crate::kernel::facts::Report;

/// How many underscores it puts before a name that is taken. (bin/pt-online-schema-change: `create_new_table`)
const MOST_UNDERSCORES: usize = 10;

/// On one member.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct OscSeen {
    /// Its triggers in the table's schema.
    pub triggers: Vec<OscTrigger>,
    /// Tables of the names that it uses, and whether each has a row.
    pub beside: Vec<(String, bool)>,
    /// Sessions whose statement is its own, in the server's words.
    pub sessions: Vec<String>,
    /// Its processes on the host: their numbers.
    pub processes: Vec<u32>,
    /// What galactl's own is at work on, where one is.
    pub work: Option<Work>,
    /// The package's version.
    pub installed: Option<String>,
}

/// A trigger of its names.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct OscTrigger {
    pub name: String,
    /// The table on which it is.
    pub on: String,
    /// What it does.
    pub statement: String,
}

/// What a pt-online-schema-change was started for.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Work {
    pub table: Table,
    pub change: Change,
}

impl Work {
    /// As `run.sh` keeps it on the host: one line each.
    pub fn parse(text: &str) -> Option<Self> {
        let mut lines = text.lines();
        let table = format!("{}.{}", lines.next()?, lines.next()?).parse().ok()?;
        Some(Self { table, change: lines.next()?.parse().ok()? })
    }
}

impl OscSeen {
    /// One is at work somewhere, as this member or its host tells.
    pub fn is_at_work(&self) -> bool {
        !self.sessions.is_empty() || !self.processes.is_empty() || self.work.is_some()
    }

    /// With what the host told.
    pub fn with_host(mut self, report: &Report) -> Self {
        self.processes = report.pids("processes");
        self.work = report.section("work").and_then(Work::parse);
        self.installed = report.packages().into_values().next();
        self
    }

    /// Reads what a session printed for [`script`], blanks as tabs.
    pub fn read(printed: &str) -> Self {
        let mut seen = Self::default();
        for line in printed.lines() {
            match line.split('\t').collect::<Vec<_>>().as_slice() {
                ["trigger", name, on, statement] => seen.triggers.push(OscTrigger {
                    name: (*name).to_owned(),
                    on: (*on).to_owned(),
                    statement: (*statement).to_owned(),
                }),
                ["beside", name] => seen.beside.push(((*name).to_owned(), false)),
                ["holds", name] => {
                    seen.beside.iter_mut().filter(|(other, _)| other == name).for_each(|it| it.1 = true);
                }
                ["session", words] => seen.sessions.push((*words).to_owned()),
                _ => {}
            }
        }
        seen
    }
}

/// The names of tables in which it works, for a table of this name.
pub fn beside(name: &str) -> impl Iterator<Item = String> {
    let underscores = (1..=MOST_UNDERSCORES).map(|count| "_".repeat(count));
    underscores.flat_map(move |line| ["new", "old"].map(|end| format!("{line}{name}_{end}")))
}

/// What a member is asked. A table that is not there makes one statement fail, and says nothing.
pub fn script(table: &Table) -> Vec<String> {
    let schema = literal(&table.schema);
    let names: Vec<_> = beside(&table.name).collect();
    let listed = names.iter().map(|name| literal(name)).collect::<Vec<_>>().join(", ");
    let mut lines = vec![
        format!(
            "SELECT 'trigger', TRIGGER_NAME, EVENT_OBJECT_TABLE, ACTION_STATEMENT FROM information_schema.TRIGGERS WHERE TRIGGER_SCHEMA = {schema} AND LEFT(TRIGGER_NAME, {}) = '{TRIGGERS}' AND EVENT_OBJECT_TABLE IN ({}, {listed})",
            TRIGGERS.len(),
            literal(&table.name)
        ),
        sessions("session"),
        format!(
            "SELECT 'beside', TABLE_NAME FROM information_schema.TABLES WHERE TABLE_SCHEMA = {schema} AND TABLE_NAME IN ({listed})"
        ),
    ];
    let holds = |name: &String| {
        let other = Table { schema: table.schema.clone(), name: name.clone() };
        format!("SELECT 'holds', {} FROM {} LIMIT 1", literal(name), other.quoted())
    };
    lines.extend(names.iter().map(holds));
    lines
}

/// The sessions of any pt-online-schema-change, each behind this word.
pub fn sessions(word: &str) -> String {
    format!(
        "SELECT '{word}', CONCAT(USER, '@', HOST, ': ', LEFT(INFO, 80)) FROM information_schema.PROCESSLIST WHERE INFO LIKE CONCAT('%{}', '{}%') AND ID <> CONNECTION_ID()",
        COMMENT.split_at(3).0,
        COMMENT.split_at(3).1
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_beside_a_table_is_read_with_whether_it_has_rows() {
        let printed = "trigger\tpt_osc_shop_t_ins\tt\tREPLACE INTO `shop`.`_t_new` (`id`) VALUES (NEW.`id`)\nbeside\t_t_new\nbeside\t_t_old\nholds\t_t_old\nsession\troot@localhost: INSERT\n";
        let seen = OscSeen::read(printed);
        assert_eq!(seen.beside, [("_t_new".into(), false), ("_t_old".into(), true)]);
        assert_eq!((seen.triggers[0].on.as_str(), seen.sessions.len()), ("t", 1));
        assert!(seen.is_at_work() && !OscSeen::default().is_at_work());
    }

    #[test]
    fn the_work_of_a_host_is_read_or_is_none() {
        let work = Work::parse("shop\norders\nMODIFY a BIGINT\n/run/mysqld/mysqld.sock\n").expect("whole");
        assert_eq!((work.table.to_string(), work.change.as_str()), ("shop.orders".into(), "MODIFY a BIGINT"));
        assert_eq!(Work::parse("shop\n"), None);
    }

    /// A script of one line a statement, as the client wants it, that does not find itself.
    #[test]
    fn the_script_is_lines() {
        let lines = script(&"shop.orders".parse().expect("a table"));
        assert!(lines.iter().all(|line| !line.contains(['\n', ';', '\\'])), "{lines:?}");
        assert!(!lines.iter().any(|line| line.contains(COMMENT)), "{lines:?}");
        assert!(lines.iter().any(|line| line.ends_with("FROM `shop`.`__orders_old` LIMIT 1")), "{lines:?}");
    }
}
