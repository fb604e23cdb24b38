//! What a member tells of pt-online-schema-change: what one has left beside a table, and whether one is at work.

use serde::{Deserialize, Serialize};

use super::{COMMENT, TRIGGERS};
use crate::galera::alter::Table;
use crate::galera::alter::script::LIMITS;
use crate::galera::sql::literal;
use crate::kernel::facts::Report;

/// How many underscores it puts before a name that is taken. (bin/pt-online-schema-change: `create_new_table`)
const MOST_UNDERSCORES: usize = 10;

/// On one member.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct OscSeen {
    /// The triggers of its names on the table, or on a table beside it.
    pub triggers: Vec<OscTrigger>,
    /// Tables of the names that it uses.
    pub beside: Vec<String>,
    /// Sessions whose statement is its own and names the table, in the server's words.
    pub sessions: Vec<String>,
    /// Its processes on the host that may be at work on the table: their numbers.
    pub processes: Vec<u32>,
    /// The server's words where it did not tell all.
    pub error: Option<String>,
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

impl OscSeen {
    /// What is at work on the table, or may be, as this member or its host tells.
    pub fn at_work(&self) -> Option<String> {
        let session = self.sessions.first().cloned();
        let process = || self.processes.first().map(|pid| format!("process {pid}"));
        session.or_else(process)
    }

    /// With what the host told.
    pub fn with_host(mut self, report: &Report, table: &Table) -> Self {
        self.processes = report.lines("processes").filter_map(|line| process(line, table)).collect();
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
                ["beside", name] => seen.beside.push((*name).to_owned()),
                ["session", words] => seen.sessions.push((*words).to_owned()),
                ["Error", code, words] => seen.error = Some(format!("ERROR {code}: {words}")),
                _ => {}
            }
        }
        seen
    }
}

/// The number of a process, unless its words name other tables only.
fn process(line: &str, table: &Table) -> Option<u32> {
    let mut cells = line.split('\t');
    let pid = cells.next()?.trim().parse().ok()?;
    let mut tables = cells.filter(|name| !name.is_empty()).peekable();
    let of_this = tables.peek().is_none() || tables.any(|name| name.eq_ignore_ascii_case(&table.name));
    of_this.then_some(pid)
}

/// The names of tables in which it works, for a table of this name.
pub fn beside(name: &str) -> impl Iterator<Item = String> {
    let underscores = (1..=MOST_UNDERSCORES).map(|count| "_".repeat(count));
    underscores.flat_map(move |line| ["new", "old"].map(|end| format!("{line}{name}_{end}")))
}

/// What a member is asked.
pub fn script(table: &Table) -> Vec<String> {
    let schema = literal(&table.schema);
    let listed = beside(&table.name).map(|name| literal(&name)).collect::<Vec<_>>().join(", ");
    let asked = [
        format!(
            "SELECT 'trigger', TRIGGER_NAME, EVENT_OBJECT_TABLE, ACTION_STATEMENT FROM information_schema.TRIGGERS WHERE TRIGGER_SCHEMA = {schema} AND LEFT(TRIGGER_NAME, {}) = '{TRIGGERS}' AND EVENT_OBJECT_TABLE IN ({}, {listed})",
            TRIGGERS.len(),
            literal(&table.name)
        ),
        sessions("session", table),
        format!(
            "SELECT 'beside', TABLE_NAME FROM information_schema.TABLES WHERE TABLE_SCHEMA = {schema} AND TABLE_NAME IN ({listed}) AND TABLE_TYPE = 'BASE TABLE'"
        ),
    ];
    let told = asked.into_iter().flat_map(|line| [line, "SHOW ERRORS".to_owned()]);
    [LIMITS.to_owned()].into_iter().chain(told).collect()
}

/// Behind the head of a look: its processes, each with the tables that its words name (`t=`, and nothing else of them,
/// because a password may be there).
pub const PROCESSES: &str = r#"
for pid in $(pgrep -f '[p]t-online-schema-change'); do
    [ -r "/proc/$pid/cmdline" ] || continue
    tables=$(tr '\000\n' '\n ' < "/proc/$pid/cmdline" | sed -n 's/^\(.*,\)\{0,1\}t=\([^,]*\).*$/\2/p' | tr '\n' '\t')
    printf '%s\t%s\n' "$pid" "$tables"
done | section processes
"#;

/// The sessions of any pt-online-schema-change whose statement names the table, each behind this word. Each statement that
/// copies rows names the table from which they come.
pub fn sessions(word: &str, table: &Table) -> String {
    let (first, last) = COMMENT.split_at(3);
    format!(
        "SELECT '{word}', CONCAT(USER, '@', HOST, ': ', LEFT(INFO, 80)) FROM information_schema.PROCESSLIST WHERE INFO LIKE CONCAT('%{first}', '{last}%') AND INSTR(INFO, {}) > 0 AND ID <> CONNECTION_ID()",
        literal(&table.quoted())
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    fn orders() -> Table {
        "shop.orders".parse().expect("a table")
    }

    #[test]
    fn what_is_beside_a_table_is_read() {
        let printed = "trigger\tpt_osc_shop_t_ins\tt\tREPLACE INTO `shop`.`_t_new` (`id`) VALUES (NEW.`id`)\nbeside\t_t_new\nbeside\t_t_old\nsession\troot@localhost: INSERT\n";
        let seen = OscSeen::read(printed);
        assert_eq!(seen.beside, ["_t_new", "_t_old"]);
        assert_eq!((seen.triggers[0].on.as_str(), seen.sessions.len()), ("t", 1));
        let words = OscSeen::read("Error\t1205\tLock wait timeout exceeded\n").error;
        assert_eq!(words.as_deref(), Some("ERROR 1205: Lock wait timeout exceeded"));
        assert_eq!(seen.at_work().as_deref(), Some("root@localhost: INSERT"));
        assert_eq!(OscSeen::default().at_work(), None);
    }

    /// Whoever names no table, or this one, may be at work on it.
    #[test]
    fn a_process_for_another_table_is_none_of_this_one() {
        let text = "\n@processes\n|11\t\n|12\tlines\t\n|13\tlines\tORDERS\t\n@end\n";
        let report = Report::parse(text).expect("a report");
        assert_eq!(OscSeen::default().with_host(&report, &orders()).processes, [11, 13]);
    }

    /// A script of one line a statement, as the client wants it, that does not find itself, and waits for no lock.
    #[test]
    fn the_script_is_lines() {
        let lines = script(&orders());
        assert!(lines.iter().all(|line| !line.contains(['\n', ';', '\\'])), "{lines:?}");
        assert!(!lines.iter().any(|line| line.contains(COMMENT)), "{lines:?}");
        assert!(lines[0].contains("lock_wait_timeout"), "{lines:?}");
        assert!(!lines.iter().any(|line| line.contains("FROM `")), "{lines:?}");
    }
}
