//! Statements in triggers, events and routines that a cluster does otherwise.

use super::body::{begins, calls, each, has, place, statements};
use crate::galera::lint::codes;
use crate::galera::lint::place::Place;
use crate::galera::lint::schema::{Program, ProgramKind, Schema};
use crate::galera::lint::token::Token;
use crate::kernel::lint::{Finding, Rule};

/// What a rule looks for; it tells what it has found.
type Look = fn(&[Token]) -> Option<String>;

const LOOKS: [(Rule, Look, &str); 8] = [
    (
        codes::NAMED_LOCK,
        named_lock,
        "lock a row instead: SELECT … FOR UPDATE, and retry on error 1213; or send all who take this lock to one node",
    ),
    (codes::LOCK_TABLES, lock_tables, "lock rows instead: SELECT … FOR UPDATE in a transaction"),
    (codes::FLUSH_TABLES, flush_tables, "leave it out; a backup is the work of mariadb-backup"),
    (codes::XA, xa, "use a plain transaction"),
    (codes::SQL_LOG_BIN, sql_log_bin, "leave it out"),
    (
        codes::SERIALIZABLE,
        serializable,
        "lock what is read: SELECT … FOR UPDATE; or send its callers to one node",
    ),
    (
        codes::TEMPORARY_TABLE,
        temporary_table,
        "drop the table at the program's end, and give its rows back as a result; or keep reads beside writes at the proxy",
    ),
    (codes::DDL_IN_PROGRAM, ddl, "run it from outside, in a quiet moment"),
];

pub fn check(schema: &Schema, _place: Place) -> Vec<Finding> {
    let programs = schema.programs.iter().filter(|program| program.kind != ProgramKind::View);
    programs.flat_map(of_program).collect()
}

fn of_program(program: &Program) -> Vec<Finding> {
    let statements = statements(program);
    let finding = |(rule, look, fix): &(Rule, Look, &str)| {
        let evidence = format!("is a {} that {}", program.kind.word(), look(&statements)?);
        let evidence = evidence.replacen("is a event", "is an event", 1);
        Some(Finding::new(*rule, &program.name, evidence, *fix))
    };
    LOOKS.iter().filter_map(finding).collect()
}

fn named_lock(tokens: &[Token]) -> Option<String> {
    let names = ["GET_LOCK", "RELEASE_LOCK", "RELEASE_ALL_LOCKS", "IS_FREE_LOCK", "IS_USED_LOCK"];
    names.into_iter().find(|name| calls(tokens, name)).map(|name| format!("calls {name}"))
}

fn lock_tables(tokens: &[Token]) -> Option<String> {
    let found = has(tokens, &["LOCK", "TABLES"]) || has(tokens, &["LOCK", "TABLE"]);
    found.then(|| "runs LOCK TABLES".into())
}

/// With LOCAL it is no other node's concern, unless it locks.
fn flush_tables(tokens: &[Token]) -> Option<String> {
    each(tokens).into_iter().filter(|it| begins(it, &["FLUSH"]) && has(it, &["TABLES"])).find_map(|found| {
        let local = has(found, &["LOCAL"]) || has(found, &["NO_WRITE_TO_BINLOG"]);
        match has(found, &["WITH", "READ", "LOCK"]) {
            true => Some("runs FLUSH TABLES WITH READ LOCK".to_owned()),
            false => (!local).then(|| "runs FLUSH TABLES".to_owned()),
        }
    })
}

fn xa(tokens: &[Token]) -> Option<String> {
    let words = ["START", "BEGIN", "PREPARE", "COMMIT", "END", "ROLLBACK"];
    let found = words.into_iter().any(|word| has(tokens, &["XA", word]));
    found.then(|| "runs an XA transaction".into())
}

/// `SET SESSION sql_log_bin = 0`, `SET @@wsrep_on = OFF`.
fn sql_log_bin(tokens: &[Token]) -> Option<String> {
    each(tokens).into_iter().filter(|statement| begins(statement, &["SET"])).find_map(|statement| {
        let of = |token: &Token| match token {
            Token::Word(word) | Token::Name(word) => {
                let word = word.trim_start_matches('@').to_ascii_lowercase();
                ["sql_log_bin", "wsrep_on"].into_iter().find(|name| word == *name)
            }
            _ => None,
        };
        let (at, name) = statement.iter().enumerate().find_map(|(at, token)| Some((at, of(token)?)))?;
        let off = statement[at + 1..].iter().find(|token| !matches!(token, Token::Sign(_)))?;
        let is_off = *off == Token::Number("0".into()) || off.is("OFF") || off.is("FALSE");
        is_off.then(|| format!("switches {name} off"))
    })
}

fn serializable(tokens: &[Token]) -> Option<String> {
    has(tokens, &["SERIALIZABLE"]).then(|| "sets the isolation level SERIALIZABLE".into())
}

/// A program that drops its table leaves nothing behind.
fn temporary_table(tokens: &[Token]) -> Option<String> {
    let mut at = 0;
    while let Some(found) = place(&tokens[at..], &["TEMPORARY", "TABLE"]) {
        at += found;
        let created = at >= 3 && tokens[..at - 2].iter().rev().take(3).any(|token| token.is("CREATE"));
        let skip = if has(&tokens[at..tokens.len().min(at + 3)], &["IF", "NOT", "EXISTS"]) { 3 } else { 0 };
        let (Some(Token::Word(name) | Token::Name(name)), true) = (tokens.get(at + skip), created) else {
            continue;
        };
        let drops = |statement: &&[Token]| begins(statement, &["DROP"]) && names(statement, name);
        if !each(&tokens[at..]).iter().any(drops) {
            return Some(format!("leaves the temporary table {name} behind"));
        }
    }
    None
}

fn names(statement: &[Token], name: &str) -> bool {
    statement.iter().any(|token| match token {
        Token::Word(own) | Token::Name(own) => own.eq_ignore_ascii_case(name),
        _ => false,
    })
}

fn ddl(tokens: &[Token]) -> Option<String> {
    each(tokens).into_iter().find_map(|statement| {
        let verb = ["ALTER", "ANALYZE", "CREATE", "DROP", "OPTIMIZE", "RENAME", "REPAIR", "TRUNCATE"]
            .into_iter()
            .find(|verb| begins(statement, &[verb]))?;
        let rest = &statement[1..statement.len().min(6)];
        let changes = verb == "TRUNCATE" || has(rest, &["TABLE"]) || has(rest, &["INDEX"]);
        (changes && !has(rest, &["TEMPORARY"])).then(|| format!("runs {verb} TABLE"))
    })
}
