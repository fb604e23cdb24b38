//! Functions and procedures that run what a mesh does not do as one server does.

use crate::kernel::judge::Severity;
use crate::kernel::lint::Finding;
use crate::mesh::facts::Program;
use crate::mesh::lint::subject::Subject;
use crate::mesh::rules::{LOCK, TRUNCATE};

pub fn check(it: Subject<'_>) -> Vec<Finding> {
    let programs = it.more.into_iter().flat_map(|more| &more.programs);
    programs.flat_map(|program| [truncates(it, program), locks(it, program)]).flatten().collect()
}

fn truncates(it: Subject<'_>, program: &Program) -> Option<Finding> {
    let text = without_comments(&program.body).to_lowercase();
    let restarts = has_word(&text, "restart") && has_word(&text, "identity");
    let (evidence, severity) = match restarts {
        true => ("runs TRUNCATE … RESTART IDENTITY", Severity::Degraded),
        false => ("runs TRUNCATE", Severity::Note),
    };
    let fix = "let it run DELETE FROM; or call it on one node only, while no other one writes to the table";
    has_word(&text, "truncate").then(|| it.finding(TRUNCATE, &program.name, evidence, fix).severity(severity))
}

fn locks(it: Subject<'_>, program: &Program) -> Option<Finding> {
    let text = without_comments(&program.body).to_lowercase();
    let by_name =
        words(&text).any(|word| word.starts_with("pg_advisory_") || word.starts_with("pg_try_advisory_"));
    let of_table = words(&text).zip(words(&text).skip(1)).any(|pair| pair == ("lock", "table"));
    let what = match (by_name, of_table) {
        (true, _) => "takes a lock by name (pg_advisory_lock)",
        (false, true) => "runs LOCK TABLE",
        (false, false) => return None,
    };
    Some(it.finding(LOCK, &program.name, what, "call it on one node only; or do without the lock"))
}

fn words(text: &str) -> impl Iterator<Item = &str> {
    text.split(|c: char| !c.is_alphanumeric() && c != '_').filter(|word| !word.is_empty())
}

/// The word stands by itself.
pub fn has_word(text: &str, word: &str) -> bool {
    words(text).any(|own| own == word)
}

/// A comment runs nothing. A text between quotes may be a statement of EXECUTE, and stays.
pub fn without_comments(body: &str) -> String {
    let (mut out, mut rest, mut quoted) = (String::new(), body, false);
    while let Some(c) = rest.chars().next() {
        if !quoted && rest.starts_with("--") {
            rest = rest.find('\n').map_or("", |at| &rest[at..]);
        } else if !quoted && rest.starts_with("/*") {
            rest = rest.find("*/").map_or("", |at| &rest[at + 2..]);
            out.push(' ');
        } else {
            quoted ^= c == '\'';
            out.push(c);
            rest = &rest[c.len_utf8()..];
        }
    }
    out
}
