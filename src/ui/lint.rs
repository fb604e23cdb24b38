//! What a schema's rules have found, as text and as Markdown, in one form for every engine.

use console::{Style, style};

use super::fold;
use crate::kernel::judge::Severity;
use crate::kernel::lint::{Acceptance, Finding, Looked, Report, Source};
use crate::kernel::model::words::count;

/// So many objects of one rule are shown; JSON has all of them.
const MOST: usize = 20;

/// A paragraph for each rule, what the engine tells besides (`besides`), what was not read, then the verdict.
pub fn lint_text<R>(report: &Report<R>, besides: &str, width: Option<usize>) -> String {
    let rules: String = report.by_rule().map(paragraph).collect();
    fold(&(rules + besides + &unread(report) + &in_vain(report) + &verdict(report)), width)
}

fn paragraph(findings: &[Finding]) -> String {
    let Some(Finding { rule, severity, why, source, .. }) = findings.first() else { return String::new() };
    let colour = match severity {
        Severity::Note => Style::new().cyan(),
        Severity::Degraded => Style::new().yellow(),
        Severity::Critical => Style::new().red().bold(),
    };
    let mut text = format!("{}[{rule}]\n", colour.apply_to(word(*severity)));
    for Finding { object, evidence, fix, .. } in findings.iter().take(MOST) {
        text += &format!("  {object} {evidence}\n    {} {fix}\n", style("fix:").bold());
    }
    text += &more(findings.len()).map_or_else(String::new, |more| format!("  {more}\n"));
    text + &format!("  why: {why}\n  source: {source}\n\n")
}

fn word(severity: Severity) -> &'static str {
    match severity {
        Severity::Note => "note",
        Severity::Degraded => "degraded",
        Severity::Critical => "critical",
    }
}

fn more(findings: usize) -> Option<String> {
    let rest = findings.checked_sub(MOST).filter(|rest| *rest > 0)?;
    Some(format!("and {rest} more, which --output json lists"))
}

fn unread<R>(report: &Report<R>) -> String {
    let lines =
        report.unread.iter().take(MOST).map(|unread| format!("not read: {}: {}\n", unread.at, unread.what));
    let text: String = lines.collect();
    let more = more(report.unread.len()).map_or_else(String::new, |more| format!("not read: {more}\n"));
    if text.is_empty() { text } else { text + &more + "\n" }
}

fn in_vain<R>(report: &Report<R>) -> String {
    let line = |it: &Acceptance| {
        format!("not found any more, though the inventory accepts it: {} of {}\n", it.rule, it.object)
    };
    let lines: String = report.accepted_in_vain.iter().map(line).collect();
    if lines.is_empty() { lines } else { lines + "\n" }
}

fn verdict<R>(report: &Report<R>) -> String {
    let mut text = format!("{}: {}\n", place(&report.looked), counts(report));
    if !report.not_looked_at.is_empty() {
        let why = match report.looked.source {
            Source::Dump(_) => "a dump does not tell, and so nobody looked at",
            Source::Server(_) => "the server did not tell, and so nobody looked at",
        };
        text += &format!("{why}: {}\n", report.not_looked_at.join("; "));
    }
    text
}

/// `db1, MariaDB 10.11.19, for 3 nodes`.
fn place(looked: &Looked) -> String {
    let version =
        looked.version.as_ref().map_or_else(String::new, |version| format!(", {} {version}", looked.product));
    let source = match &looked.source {
        Source::Server(node) => node.to_string(),
        Source::Dump(file) => file.clone(),
    };
    let nodes = usize::try_from(looked.nodes).unwrap_or(usize::MAX);
    format!("{source}{version}, for a {} of {}", looked.whole, count(nodes, "node"))
}

fn counts<R>(report: &Report<R>) -> String {
    let looked = &report.looked;
    let looked_at = [(looked.tables, "table"), (looked.sequences, "sequence"), (looked.programs, "program")];
    let looked_at = looked_at.into_iter().filter(|(number, word)| *number > 0 || *word == "table");
    let looked_at: Vec<_> = looked_at.map(|(number, word)| count(number, word)).collect();
    let found = [Severity::Critical, Severity::Degraded, Severity::Note]
        .map(|severity| (report.count(severity), word(severity)));
    let mut found: Vec<_> = found
        .into_iter()
        .filter(|(number, _)| *number > 0)
        .map(|(number, word)| if word == "note" { count(number, word) } else { format!("{number} {word}") })
        .collect();
    if found.is_empty() {
        found.push("nothing found".into());
    }
    if !report.accepted.is_empty() {
        found.push(format!("{} accepted", report.accepted.len()));
    }
    if !report.unread.is_empty() {
        found.push(format!("{} not read", report.unread.len()));
    }
    format!("{}: {}", looked_at.join(", "), found.join(", "))
}

/// For a comment on a pull request.
pub fn lint_markdown<R>(report: &Report<R>, besides: &str) -> String {
    let mut text = format!("## Schema lint: {}\n\n{}\n", escaped(&place(&report.looked)), counts(report));
    for findings in report.by_rule() {
        let Some(Finding { rule, severity, why, source, .. }) = findings.first() else { continue };
        text += &format!(
            "\n### {}: `{rule}`\n\n{} ({}).\n\n",
            word(*severity),
            escaped(&capital(why)),
            escaped(source)
        );
        for Finding { object, evidence, fix, .. } in findings.iter().take(MOST) {
            text += &format!("- {} {}\n  {}\n", code(object), escaped(evidence), code(fix));
        }
        text += &more(findings.len()).map_or_else(String::new, |more| format!("- {more}\n"));
    }
    let rest = besides.to_owned() + &unread(report) + &in_vain(report);
    let rest: Vec<_> =
        rest.lines().filter(|line| !line.is_empty()).map(|line| format!("- {}", escaped(line))).collect();
    if rest.is_empty() { text } else { text + "\n" + &rest.join("\n") + "\n" }
}

fn capital(sentence: &str) -> String {
    let mut letters = sentence.chars();
    letters
        .next()
        .map_or_else(String::new, |first| first.to_uppercase().collect::<String>() + letters.as_str())
}

/// Between so many backquotes that the text's own do not end it.
fn code(text: &str) -> String {
    let longest = text.split(|c| c != '`').map(str::len).max().unwrap_or(0);
    let fence = "`".repeat(longest + 1);
    let blank = if longest > 0 { " " } else { "" };
    format!("{fence}{blank}{text}{blank}{fence}")
}

/// Names come from users, and must not become markup.
fn escaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        if matches!(c, '\\' | '`' | '*' | '_' | '[' | ']' | '<' | '>' | '|' | '#' | '&') {
            out.push('\\');
        }
        out.push(c);
    }
    out
}
