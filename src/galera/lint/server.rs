//! What a running server told → [`Schema`].

use std::collections::BTreeSet;

use super::name::{Name, shown};
use super::schema::{Program, ProgramKind, Schema};
use super::sql::{Shown, shown_table};
use super::token::{Token, tokens};
use crate::galera::model::unescaped;
use crate::kernel::facts::Report;
use crate::kernel::lint::Unread;

/// The last row of every answer.
const DONE: &str = "@done";
/// Sections of programs.
const PROGRAMS: [&str; 4] = ["events", "triggers", "routines", "views"];

/// Reads what `schema.sh` printed.
///
/// Errors: the server did not answer, in its own words; or it told the names of its tables at most.
pub fn read(report: &Report) -> Result<Schema, String> {
    if let Some(said) = report.section("refused") {
        return Err(said.trim().to_owned());
    }
    let mut schema = Schema::default();
    match answer(report, "variables") {
        Ok(_) => {
            let settings = report.rows("variables");
            schema.version = settings.get("version").and_then(|version| version.parse().ok());
            schema.settings = Some(settings);
        }
        Err(unread) => schema.unread.push(unread),
    }
    match answer(report, "accounts") {
        Ok(rows) => schema.accounts = Some(rows.into_iter().map(unescaped).collect()),
        Err(unread) => schema.unread.push(unread),
    }
    tables(report, &mut schema)?;
    for section in PROGRAMS {
        match answer(report, section) {
            Ok(rows) => rows.into_iter().for_each(|row| match program(row) {
                Ok(program) => schema.programs.push(program),
                Err(unread) => schema.unread.push(unread),
            }),
            Err(unread) => schema.unread.push(unread),
        }
    }
    Ok(schema)
}

/// The rows of an answer that is whole.
pub fn answer<'a>(report: &'a Report, section: &str) -> Result<Vec<&'a str>, Unread> {
    let mut rows: Vec<_> = report.lines(section).collect();
    if rows.last() == Some(&DONE) {
        rows.pop();
        return Ok(rows);
    }
    let said = rows.into_iter().find(|row| row.starts_with("ERROR "));
    let what = match said {
        Some(said) => format!("the server did not tell them: {}", shown(said)),
        None => "the server's answer breaks off".to_owned(),
    };
    Err(Unread { at: format!("its {section}"), what })
}

/// A line with three fields names the database of the tables behind it, and one with four is of a view. What is in the
/// list, and was not shown, was locked or is broken.
///
/// Errors: the list is not whole, or there are tables and none of them could be read.
fn tables(report: &Report, schema: &mut Schema) -> Result<(), String> {
    let list =
        answer(report, "list").map_err(|unread| format!("{} of tables: {}", unread.at, unread.what))?;
    let mut missing: BTreeSet<Name> = list.into_iter().filter_map(listed).collect();
    let (all, mut views, mut unread) = (missing.len(), 0, Vec::new());
    let mut sequences: BTreeSet<Name> = BTreeSet::new();
    let mut database = String::new();
    for line in report.lines("tables") {
        let fields: Vec<String> = line.split('\t').map(unescaped).collect();
        match &fields[..] {
            [_, _, name] => database.clone_from(name),
            [view, _, _, _] => {
                missing.remove(&Name::new(database.clone(), view));
                views += 1;
            }
            [name, sql] => {
                let name = Name::new(database.clone(), name);
                missing.remove(&name);
                match shown_table(&database, sql) {
                    // It is shown as a table as well.
                    _ if sequences.contains(&name) => {}
                    Ok(Shown::Table(table)) => schema.tables.push(table),
                    Ok(Shown::Sequence(sequence)) => {
                        sequences.insert(name);
                        schema.sequences.push(sequence);
                    }
                    Err(what) => unread.push(Unread { at: name.to_string(), what }),
                }
            }
            _ => {}
        }
    }
    let what = match answer(report, "tables") {
        Ok(_) => {
            "the server did not show it within a second: another session is changing it, or it is broken"
        }
        Err(_) => "the server's answer breaks off before it",
    };
    unread.extend(missing.iter().map(|name| Unread { at: name.to_string(), what: what.into() }));
    match unread.first() {
        Some(Unread { at, what }) if schema.tables.len() + schema.sequences.len() + views == 0 => {
            Err(format!("none of its {all} tables could be read: {at}: {what}"))
        }
        _ => {
            schema.unread.extend(unread);
            Ok(())
        }
    }
}

fn listed(line: &str) -> Option<Name> {
    let (schema, name) = line.split_once('\t')?;
    Some(Name::new(unescaped(schema), unescaped(name)))
}

/// Kind, database, name, definer, security, the status of an event or the table of a trigger, and the statements that it runs.
fn program(line: &str) -> Result<Program, Unread> {
    let fields: Vec<String> = line.split('\t').map(unescaped).collect();
    let unread = |at: String, what: &str| Unread { at, what: what.to_owned() };
    let [kind, schema, name, definer, security, more, body] = &fields[..] else {
        return Err(unread("a program".into(), "the server's answer has another form than expected"));
    };
    let name = Name::new(schema, name);
    let kind = match kind.as_str() {
        "EVENT" => ProgramKind::Event,
        "FUNCTION" => ProgramKind::Function,
        "PROCEDURE" => ProgramKind::Procedure,
        "TRIGGER" => ProgramKind::Trigger,
        "VIEW" => ProgramKind::View,
        _ => ProgramKind::Package,
    };
    let body: Vec<Token> = tokens(body).map_err(|what| unread(name.to_string(), &what))?;
    // A role has no host.
    let definer = if definer.contains('@') { definer.clone() } else { format!("{definer}@") };
    let (invoker, enabled) = (security == "INVOKER", more == "ENABLED");
    let table = (kind == ProgramKind::Trigger).then(|| Name::new(schema, more));
    Ok(Program { kind, name, table, definer: Some(definer), invoker, enabled, body })
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Sections with rows, all answered whole but for those that are named.
    fn told(sections: &[(&str, &[&str])], broken: &[&str]) -> Result<Schema, String> {
        let all = ["variables", "accounts", "events", "triggers", "routines", "views", "list", "tables"];
        let mut text = String::new();
        for name in all {
            let rows = sections.iter().find(|(of, _)| *of == name).map_or(&[][..], |(_, rows)| *rows);
            text += &format!("@{name}\n");
            for row in rows {
                text += &format!("|{row}\n");
            }
            text += if broken.contains(&name) { "" } else { "|@done\n" };
        }
        read(&Report::parse(&(text + "@end\n")).expect("a report"))
    }

    fn unread(schema: &Schema) -> Vec<&str> {
        schema.unread.iter().map(|it| it.at.as_str()).collect()
    }

    const LIST: &[&str] = &["a\tt", "b\tt", "b\tgone", "b\tseen"];
    const SHOWN: &[&str] = &[
        "@\t@\ta",
        r"t	CREATE TABLE `t` (\n  `x` int(11) COMMENT 'a\\\\b'\n) ENGINE=Aria",
        "@\t@\tb",
        r"t	CREATE TABLE `t` (\n  `x` int(11)\n) ENGINE=InnoDB",
        "seen\tCREATE VIEW `seen` AS select 1\tutf8mb4\tutf8mb4_general_ci",
    ];

    #[test]
    fn tables_are_of_the_database_that_stands_before_them() {
        let schema = told(&[("list", LIST), ("tables", SHOWN)], &[]).expect("a schema");
        let tables: Vec<_> = schema.tables.iter().map(|it| format!("{} {}", it.name, it.engine)).collect();
        assert_eq!(tables, ["a.t Aria", "b.t InnoDB"]);
        assert_eq!(unread(&schema), ["b.gone"]);
        assert!(schema.unread[0].what.contains("within a second"), "{schema:#?}");
        let broken = told(&[("list", LIST), ("tables", SHOWN)], &["tables"]).expect("a schema");
        assert!(broken.unread[0].what.contains("breaks off"), "{broken:#?}");
    }

    #[test]
    fn a_sequence_is_shown_twice_and_read_once() {
        let rows = [
            "@\t@\ta",
            "s\tCREATE SEQUENCE `s` start with 1 increment by 5 nocache ENGINE=InnoDB",
            "@\t@\ta",
            "s\tCREATE TABLE `s` (`next` bigint(21) NOT NULL) ENGINE=InnoDB SEQUENCE=1",
        ];
        let schema = told(&[("list", &["a\ts"]), ("tables", &rows)], &[]).expect("a schema");
        assert_eq!((schema.sequences.len(), schema.sequences[0].increment), (1, 5));
        assert_eq!((schema.tables.len(), unread(&schema)), (0, vec![]));
        let alone = [&rows[2..], &["t\tCREATE TABLE `t` (`x` int(11)) ENGINE=InnoDB"]].concat();
        let alone = told(&[("list", &["a\ts", "a\tt"]), ("tables", &alone)], &[]).expect("a schema");
        assert_eq!(unread(&alone), ["a.s"], "nobody has told its step");
        let nothing = told(&[("list", &["a\ts"]), ("tables", &rows[2..])], &[]).expect_err("nothing");
        assert!(nothing.starts_with("none of its 1 tables could be read: a.s: "), "{nothing}");
    }

    #[test]
    fn programs_have_their_statements_on_one_line() {
        let triggers = [r"TRIGGER	shop	t	root@localhost	DEFINER	orders	BEGIN\nDO SLEEP(1);\nEND"];
        let routines = [r"PROCEDURE	shop	p	clerk	INVOKER		SELECT 'open"];
        let events = [
            r"EVENT	shop	e	clerk	DEFINER	SLAVESIDE_DISABLED	SELECT 1",
            // The transport spells out what a terminal would obey.
            r"EVENT	shop	w	clerk	DEFINER	ENABLED	BEGIN\r\n  DELETE FROM t;\r\nEND",
        ];
        let sections = [("triggers", &triggers[..]), ("routines", &routines), ("events", &events)];
        let schema = told(&sections, &[]).expect("a schema");
        let [event, of_windows, trigger] = &schema.programs[..] else { panic!("{schema:#?}") };
        assert_eq!(trigger.body, tokens("BEGIN DO SLEEP(1); END").expect("SQL"));
        assert_eq!(trigger.table, Some(Name::new("shop", "orders")));
        assert_eq!((event.definer.as_deref(), event.enabled), (Some("clerk@"), false));
        assert_eq!(of_windows.body, tokens("BEGIN DELETE FROM t; END").expect("SQL"));
        assert_eq!(unread(&schema), ["shop.p"]);
    }

    /// An answer that is not whole is no answer: nothing is concluded from what is missing there.
    #[test]
    fn an_answer_that_breaks_off_is_not_read() {
        let said = "ERROR 1205 (HY000) at line 1: Lock wait timeout exceeded; try restarting transaction";
        let parts: &[(&str, &[&str])] = &[
            ("variables", &["version\t10.11.6-MariaDB"]),
            ("accounts", &["root@localhost"]),
            ("triggers", &[said]),
        ];
        let schema = told(parts, &["variables", "accounts", "triggers", "views"]).expect("a schema");
        assert_eq!(unread(&schema), ["its variables", "its accounts", "its triggers", "its views"]);
        assert!(schema.unread[2].what.ends_with(said), "{schema:#?}");
        assert_eq!((schema.accounts, schema.settings, schema.version), (None, None, None));
        let whole = told(parts, &["triggers"]).expect("a schema");
        assert_eq!(whole.accounts, Some(["root@localhost".to_owned()].into()));
        let refused = told(&[("list", &[said])], &["list"]).expect_err("no list");
        assert_eq!(refused, format!("its list of tables: the server did not tell them: {said}"));
    }

    #[test]
    fn a_server_that_refuses_is_told_in_its_own_words() {
        let said = "ERROR 1047 (08S01) at line 1: WSREP has not yet prepared node for application use";
        let report = Report::parse(&format!("@refused\n|{said}\n@end\n")).expect("a report");
        assert_eq!(read(&report), Err(said.into()));
    }
}
