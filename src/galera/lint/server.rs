//! What a running server told → [`Schema`].

use std::collections::BTreeSet;

use super::schema::{Name, Program, ProgramKind, Schema, Unread};
use super::sql::{Shown, shown_table};
use super::token::{Token, tokens};
use crate::kernel::facts::Report;

/// Reads what `schema.sh` printed.
///
/// Errors: the server did not answer, in its own words.
pub fn read(report: &Report) -> Result<Schema, String> {
    if let Some(said) = report.section("refused") {
        return Err(said.trim().to_owned());
    }
    let settings = report.rows("variables");
    let mut schema = Schema {
        version: settings.get("version").and_then(|version| version.parse().ok()),
        accounts: report.has("accounts").then(|| report.lines("accounts").map(unescaped).collect()),
        settings: Some(settings),
        ..Schema::default()
    };
    tables(report, &mut schema);
    for line in report.lines("programs") {
        match program(line) {
            Ok(program) => schema.programs.push(program),
            Err(unread) => schema.unread.push(unread),
        }
    }
    Ok(schema)
}

/// A line with three fields names the database of the tables behind it. What is in the list, and was not shown, was
/// locked or is broken.
fn tables(report: &Report, schema: &mut Schema) {
    let mut missing: BTreeSet<Name> = report.lines("list").filter_map(listed).collect();
    let mut database = String::new();
    for line in report.lines("tables") {
        let fields: Vec<String> = line.split('\t').map(unescaped).collect();
        match &fields[..] {
            [_, _, name] => database.clone_from(name),
            [name, sql] => {
                let name = Name::new(database.clone(), name);
                missing.remove(&name);
                match shown_table(&database, sql) {
                    Ok(Shown::Table(table)) => schema.tables.push(table),
                    Ok(Shown::Sequence(sequence)) => schema.sequences.push(sequence),
                    Err(what) => schema.unread.push(Unread { at: name.to_string(), what }),
                }
            }
            _ => {}
        }
    }
    let what = "the server did not show it within a second: another session is changing it, or it is broken";
    schema.unread.extend(missing.iter().map(|name| Unread { at: name.to_string(), what: what.into() }));
}

fn listed(line: &str) -> Option<Name> {
    let (schema, name) = line.split_once('\t')?;
    Some(Name::new(unescaped(schema), unescaped(name)))
}

/// Kind, database, name, definer, security, status, and the statements that it runs.
fn program(line: &str) -> Result<Program, Unread> {
    let fields: Vec<String> = line.split('\t').map(unescaped).collect();
    let unread = |at: String, what: &str| Unread { at, what: what.to_owned() };
    let [kind, schema, name, definer, security, status, body] = &fields[..] else {
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
    let (invoker, enabled) = (security == "INVOKER", status == "ENABLED");
    Ok(Program { kind, name, definer: Some(definer), invoker, enabled, body })
}

/// The client writes a line break as `\n` where it prints rows for programs.
fn unescaped(field: &str) -> String {
    let (mut text, mut rest) = (String::with_capacity(field.len()), field.chars());
    while let Some(c) = rest.next() {
        match (c, c == '\\') {
            (_, false) => text.push(c),
            (_, true) => match rest.next() {
                Some('n') => text.push('\n'),
                Some('t') => text.push('\t'),
                Some('0') => text.push('\0'),
                Some(other) => text.push(other),
                None => text.push('\\'),
            },
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    fn told(sections: &str) -> Result<Schema, String> {
        read(&Report::parse(&format!("{sections}\n@end\n")).expect("a report"))
    }

    #[test]
    fn tables_are_of_the_database_that_stands_before_them() {
        let list = "@list\n|a\tt\n|b\tt\n|b\tgone\n";
        let of_a = r"|t	CREATE TABLE `t` (\n  `x` int(11) COMMENT 'a\\\\b'\n) ENGINE=Aria";
        let of_b = r"|t	CREATE TABLE `t` (\n  `x` int(11)\n) ENGINE=InnoDB";
        let schema = told(&format!("{list}\n@tables\n|@\t@\ta\n{of_a}\n|@\t@\tb\n{of_b}\n"));
        let schema = schema.expect("a schema");
        let tables: Vec<_> = schema.tables.iter().map(|it| format!("{} {}", it.name, it.engine)).collect();
        assert_eq!(tables, ["a.t Aria", "b.t InnoDB"]);
        assert_eq!(schema.unread.iter().map(|it| it.at.as_str()).collect::<Vec<_>>(), ["b.gone"]);
    }

    #[test]
    fn programs_have_their_statements_on_one_line() {
        let rows = [
            r"|TRIGGER	shop	t	root@localhost	DEFINER		BEGIN\nDO SLEEP(1);\nEND",
            r"|PROCEDURE	shop	p	clerk	INVOKER		SELECT 'open",
            r"|EVENT	shop	e	clerk	DEFINER	SLAVESIDE_DISABLED	SELECT 1",
        ];
        let schema = told(&format!("@programs\n{}\n", rows.join("\n"))).expect("a schema");
        let [trigger, event] = &schema.programs[..] else { panic!("{schema:#?}") };
        assert_eq!(trigger.body, tokens("BEGIN DO SLEEP(1); END").expect("SQL"));
        assert_eq!((event.definer.as_deref(), event.enabled), (Some("clerk@"), false));
        assert_eq!(schema.unread[0].at, "shop.p");
        assert_eq!((schema.accounts, schema.version), (None, None), "they were not told");
    }

    #[test]
    fn a_server_that_refuses_is_told_in_its_own_words() {
        let said = "ERROR 1047 (08S01) at line 1: WSREP has not yet prepared node for application use";
        assert_eq!(told(&format!("@refused\n|{said}\n")), Err(said.into()));
    }
}
