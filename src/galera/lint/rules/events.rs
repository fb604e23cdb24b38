//! Events, which every node of a cluster has.

use super::body::{begins, each, has, statements};
use crate::galera::lint::codes::{EVENT_CHANGES_DATA, EVENT_ENABLED, UNBOUNDED_CHANGE};
use crate::galera::lint::place::Place;
use crate::galera::lint::schema::{Program, ProgramKind, Schema};
use crate::galera::lint::token::Token;
use crate::kernel::judge::Severity;
use crate::kernel::lint::Finding;

/// With these words a statement changes data, or may do so.
const CHANGES: [&str; 12] = [
    "ALTER", "CALL", "CREATE", "DELETE", "DROP", "EXECUTE", "INSERT", "LOAD", "RENAME", "REPLACE",
    "TRUNCATE", "UPDATE",
];

pub fn check(schema: &Schema, _place: Place) -> Vec<Finding> {
    let events = schema.programs.iter().filter(|it| it.kind == ProgramKind::Event && it.enabled);
    events.flat_map(|event| of_event(event, runs(schema, event))).collect()
}

/// Who runs an event now.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Runs {
    /// As far as is known, every node that has it.
    Everywhere,
    /// The node that was asked, and no other member.
    HereAlone,
    /// Not this node: its scheduler is off.
    NotHere,
}

fn runs(schema: &Schema, event: &Program) -> Runs {
    let elsewhere = schema.events_elsewhere.as_ref().is_none_or(|others| others.contains(&event.name));
    match schema.setting("event_scheduler") {
        Some(value) if value != "ON" => Runs::NotHere,
        _ if elsewhere => Runs::Everywhere,
        _ => Runs::HereAlone,
    }
}

fn of_event(event: &Program, runs: Runs) -> Vec<Finding> {
    let tokens = statements(event);
    let statements = each(&tokens);
    let changes = statements.iter().any(|statement| begins(statement, &CHANGES));
    let (rule, evidence) = match changes {
        true => (EVENT_CHANGES_DATA, "is an event that is switched on and changes data"),
        false => (EVENT_ENABLED, "is an event that is switched on"),
    };
    let now = match runs {
        Runs::Everywhere => "",
        Runs::HereAlone => "; no other member runs it now",
        Runs::NotHere => "; event_scheduler is not ON now",
    };
    let evidence = format!("{evidence}{now}");
    let fix = format!(
        "let one node run events: event_scheduler=ON there and OFF on the others; or on each other node: SET SESSION wsrep_on=OFF; ALTER EVENT {} DISABLE ON SLAVE",
        event.name.quoted()
    );
    let found = Finding::new(rule, &event.name, evidence, fix);
    let found = if runs == Runs::Everywhere { found } else { found.severity(Severity::Note) };
    let unbounded = statements.iter().find_map(|statement| unbounded(statement));
    let unbounded = unbounded.map(|verb| {
        let fix = format!("repeat {verb} … LIMIT 1000 until no row is left");
        let evidence = format!("is an event that runs {verb} without a LIMIT");
        Finding::new(UNBOUNDED_CHANGE, &event.name, evidence, fix)
    });
    std::iter::once(found).chain(unbounded).collect()
}

/// A row that is named by a whole key is one row: where an equals sign is all that there is.
fn unbounded(statement: &[Token]) -> Option<&'static str> {
    let verb = ["DELETE", "UPDATE"].into_iter().find(|verb| begins(statement, &[verb]))?;
    let compares = |token: &Token| matches!(token, Token::Sign('<' | '>')) || token.is("BETWEEN");
    let by_range = !has(statement, &["WHERE"]) || statement.iter().any(compares);
    (by_range && !has(statement, &["LIMIT"])).then_some(verb)
}
