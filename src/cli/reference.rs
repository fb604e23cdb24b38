//! The tables of the reference, from the code.

mod fields;

use std::fmt::Write;

use crate::exit;
use crate::galera::check::CHECKS;
use crate::galera::explain;
use crate::galera::inventory;
use crate::galera::judge::listed;
use crate::galera::lint::codes;
use crate::galera::monitoring;
use crate::kernel::judge::preflight::Check;
use crate::kernel::judge::{Code, Severity};
use crate::kernel::lint::Rule;
use crate::kernel::model::words::span;
use crate::{mesh, patroni};

/// The tables of the reference: the name of each page with its table. It stands there between
/// `<!-- generated: NAME -->` and `<!-- end -->`.
pub fn reference() -> [(&'static str, String); 19] {
    [
        ("inventory", fields::table(inventory::schema())),
        ("patroni-inventory", fields::table(patroni::inventory::schema())),
        ("mesh-inventory", fields::table(mesh::inventory::schema())),
        ("inventory-notes", inventory_notes()),
        ("guards", guards(listed::GUARDS)),
        ("patroni-guards", guards(patroni::judge::listed::GUARDS)),
        ("mesh-guards", guards(mesh::judge::listed::GUARDS)),
        ("findings", findings(listed::FINDINGS)),
        ("patroni-findings", findings(patroni::judge::listed::FINDINGS)),
        ("mesh-findings", findings(mesh::judge::listed::FINDINGS)),
        ("causes", causes(explain::documented())),
        ("patroni-causes", causes(patroni::explain::DOCUMENTED.iter().copied())),
        ("checks", checks(&CHECKS)),
        ("patroni-checks", checks(&patroni::check::CHECKS)),
        ("lint", lint(codes::ALL)),
        ("mesh-lint", lint(mesh::rules::ALL)),
        ("exit-codes", exit_codes()),
        ("commands", commands()),
        ("alerts", alerts()),
    ]
}

fn inventory_notes() -> String {
    let of_engines = patroni::inventory::NOTE_CODES.iter().chain(mesh::inventory::NOTE_CODES);
    let mut all: Vec<_> = inventory::NOTE_CODES.iter().chain(of_engines).collect();
    all.sort();
    // Two engines may have one code, and mean the same by it.
    all.dedup();
    let rows = all.into_iter().map(|(code, doc)| vec![quoted(code), (*doc).to_owned()]);
    table(&["code", "what it means"], rows)
}

fn guards(codes: &[Code]) -> String {
    let row = |code: &Code| vec![quoted(code.name), sentence(code.doc)];
    table(&["guard", "galactl refuses because"], codes.iter().map(row))
}

fn findings(all: &[(&str, &[Code])]) -> String {
    let rows = all.iter().flat_map(|(about, codes)| {
        codes.iter().enumerate().map(move |(at, code)| {
            let about = if at == 0 { *about } else { "" };
            vec![about.to_owned(), quoted(code.name), severity(*code).to_owned(), sentence(code.doc)]
        })
    });
    table(&["about", "finding", "severity", "what it means"], rows)
}

fn causes(all: impl Iterator<Item = (&'static str, &'static str, &'static str)>) -> String {
    let rows = all.map(|(group, slug, doc)| vec![group.to_owned(), quoted(slug), doc.to_owned()]);
    table(&["group", "cause", "what happened"], rows)
}

fn checks(all: &[Check]) -> String {
    let list = |codes: &[Code]| codes.iter().map(|code| quoted(code.name)).collect::<Vec<_>>().join(", ");
    let rows = all.iter().map(|it| vec![quoted(it.id), it.holds.to_owned(), list(it.fails), list(it.warns)]);
    table(&["check", "passes when", "fails on", "warns about"], rows)
}

fn lint(rules: &[Rule]) -> String {
    let row = |rule: &Rule| {
        let Rule { code, source } = *rule;
        let cell = |text: &str| text.to_owned();
        vec![quoted(code.name), cell(severity(code)), sentence(code.doc), cell(code.why), cell(source)]
    };
    table(&["rule", "severity", "finds", "what comes of it", "known from"], rules.iter().map(row))
}

fn exit_codes() -> String {
    let row = |(code, doc): &(u8, &str)| vec![code.to_string(), (*doc).to_owned()];
    table(&["code", "meaning"], exit::DOCUMENTED.iter().map(row))
}

/// Each links to its page.
fn alerts() -> String {
    let row = |alert: &monitoring::Alert| {
        let link = format!("[{}](../alerts/{}.md)", alert.name, alert.page());
        let levels = alert
            .levels
            .iter()
            .map(|level| format!("{} after {}", level.severity.name(), span(level.seconds)));
        let expected = alert.maintenance == monitoring::Maintenance::Expected;
        let levels = levels.collect::<Vec<_>>().join(", ");
        vec![link, levels, if expected { "yes" } else { "no" }.to_owned(), alert.doc.to_owned()]
    };
    table(&["alert", "severity", "planned work causes it", "what it means"], monitoring::alerts().map(row))
}

/// A command that asks before it goes on changes hosts.
fn commands() -> String {
    let command = super::command();
    let row = |(name, command): (String, &clap::Command)| {
        let changes = command.get_arguments().any(|arg| arg.get_id() == "yes");
        let about = command.get_about().map_or_else(String::new, ToString::to_string);
        vec![quoted(&usage(&name, command)), about, if changes { "yes" } else { "no" }.to_owned()]
    };
    let rows: Vec<_> = command.get_subcommands().flat_map(whole).map(row).collect();
    table(&["command", "what it does", "changes hosts"], rows.into_iter())
}

/// A command, or those that it is made of, with their whole names.
fn whole(command: &clap::Command) -> Vec<(String, &clap::Command)> {
    let name = command.get_name();
    if !command.has_subcommands() {
        return vec![(name.to_owned(), command)];
    }
    command.get_subcommands().map(|part| (format!("{name} {}", part.get_name()), part)).collect()
}

/// The command with its arguments, without its options.
fn usage(name: &str, command: &clap::Command) -> String {
    let mut usage = format!("galactl {name}");
    for arg in command.get_positionals() {
        let name = arg.get_value_names().and_then(<[_]>::first).map_or_else(String::new, ToString::to_string);
        let several = arg.get_num_args().is_some_and(|range| range.max_values() > 1)
            || matches!(arg.get_action(), clap::ArgAction::Append);
        let name = if several { format!("{name}...") } else { name };
        let _ = if arg.is_required_set() { write!(usage, " {name}") } else { write!(usage, " [{name}]") };
    }
    usage
}

fn severity(code: Code) -> &'static str {
    match code.severity {
        Severity::Note => "note",
        Severity::Degraded => "degraded",
        Severity::Critical => "critical",
    }
}

/// A doc comment as the text of a table's cell.
fn sentence(doc: &str) -> String {
    doc.trim().trim_end_matches('.').to_owned()
}

fn quoted(name: &str) -> String {
    format!("`{name}`")
}

/// A Markdown table, without the line break at its end.
fn table(headings: &[&str], rows: impl Iterator<Item = Vec<String>>) -> String {
    let line = |cells: Vec<String>| {
        let cells = cells.into_iter().map(|cell| cell.replace('|', "\\|")).collect::<Vec<_>>();
        format!("| {} |", cells.join(" | ")).replace("|  |", "| |")
    };
    let head = line(headings.iter().map(|heading| (*heading).to_owned()).collect());
    let rule = line(vec!["---".to_owned(); headings.len()]);
    [head, rule].into_iter().chain(rows.map(line)).collect::<Vec<_>>().join("\n")
}
