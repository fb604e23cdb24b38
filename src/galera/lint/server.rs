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
    let what = "the server did not show it within a second: another session locks it, or it is broken";
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
