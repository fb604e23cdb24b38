//! What one statement of a log does.

use super::bare::bare;
use crate::galera::lint::name::Name;
use crate::galera::lint::token::{Token, tokens};

/// Statements that end an open transaction by themselves (MariaDB documentation, SQL statements that cause an implicit
/// commit).
const COMMITTING: [&str; 8] = ["ALTER", "CREATE", "DROP", "GRANT", "RENAME", "REVOKE", "TRUNCATE", "LOCK"];

#[derive(Debug, Clone, PartialEq, Eq)]
pub enum What {
    /// A transaction begins; one that is open is committed.
    Begin,
    Commit,
    Rollback,
    Autocommit(bool),
    Change(Change),
    /// Nothing that matters here.
    Other,
}

/// A statement that changes rows.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Change {
    pub verb: &'static str,
    /// The table, or the procedure that is called.
    pub name: Name,
    /// Rows that it writes, as far as its text tells: those of VALUES.
    pub rows: Option<u64>,
    /// It commits by itself.
    pub commits: bool,
}

/// Reads a statement; `database` is that of names without one.
pub fn what(text: &str, database: &str) -> What {
    let Ok(tokens) = tokens(&bare(text)) else { return What::Other };
    let Some((first, rest)) = tokens.split_first() else { return What::Other };
    let is = |word: &str| first.is(word);
    if is("BEGIN") || is("START") && rest.first().is_some_and(|it| it.is("TRANSACTION")) {
        return What::Begin;
    }
    match rest.iter().any(|it| it.is("TO")) {
        _ if is("COMMIT") => return What::Commit,
        false if is("ROLLBACK") => return What::Rollback,
        _ => {}
    }
    if is("SET") {
        return autocommit(rest).map_or(What::Other, What::Autocommit);
    }
    match change(first, rest, database) {
        Some(change) => What::Change(change),
        None if COMMITTING.iter().any(|word| is(word)) => What::Commit,
        None => What::Other,
    }
}

fn change(first: &Token, rest: &[Token], database: &str) -> Option<Change> {
    let behind = |word: &str| {
        let at = rest.iter().position(|token| token.is(word))?;
        name(&rest[at + 1..], database)
    };
    let verb = ["INSERT", "REPLACE", "UPDATE", "DELETE", "LOAD", "CALL", "CREATE"];
    let verb = verb.into_iter().find(|word| first.is(word))?;
    let name = match verb {
        "DELETE" => behind("FROM"),
        "LOAD" => behind("TABLE"),
        "CREATE" => {
            let copies = rest.iter().any(|it| it.is("SELECT")) && !rest.iter().any(|it| it.is("TEMPORARY"));
            let is_table = rest.iter().take(3).any(|it| it.is("TABLE"));
            if copies && is_table { behind("TABLE") } else { None }
        }
        _ => name(rest, database),
    };
    let rows = ["INSERT", "REPLACE"].contains(&verb).then(|| values(rest)).flatten();
    Some(Change { verb, name: name?, rows, commits: verb == "CREATE" })
}

/// The first name behind words such as IGNORE and INTO.
fn name(tokens: &[Token], database: &str) -> Option<Name> {
    const BEFORE: [&str; 10] = [
        "LOW_PRIORITY",
        "HIGH_PRIORITY",
        "DELAYED",
        "IGNORE",
        "QUICK",
        "INTO",
        "ONLY",
        "IF",
        "NOT",
        "EXISTS",
    ];
    let mut tokens = tokens.iter().skip_while(|token| BEFORE.iter().any(|word| token.is(word)));
    let text = |token: &Token| match token {
        Token::Word(text) | Token::Name(text) => Some(text.clone()),
        _ => None,
    };
    let first = text(tokens.next()?)?;
    match tokens.next() {
        Some(Token::Sign('.')) => Some(Name::new(first, text(tokens.next()?)?)),
        _ => Some(Name::new(database, first)),
    }
}

/// Rows behind VALUES.
fn values(tokens: &[Token]) -> Option<u64> {
    let at = tokens.iter().position(|token| token.is("VALUES") || token.is("VALUE"))?;
    let (mut depth, mut rows) = (0_i64, 0);
    for token in &tokens[at + 1..] {
        match token {
            Token::Sign('(') => {
                rows += u64::from(depth == 0);
                depth += 1;
            }
            Token::Sign(')') => depth -= 1,
            // ON DUPLICATE KEY UPDATE, RETURNING
            Token::Word(_) if depth == 0 => break,
            _ => {}
        }
    }
    Some(rows)
}

fn autocommit(tokens: &[Token]) -> Option<bool> {
    let at = tokens.iter().position(|token| token.is("autocommit"))?;
    let value = tokens[at + 1..].iter().find(|token| !matches!(token, Token::Sign(_)))?;
    match value {
        Token::Number(number) => Some(number != "0"),
        Token::Word(word) => Some(word.eq_ignore_ascii_case("ON") || word.eq_ignore_ascii_case("TRUE")),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_statement_tells_what_it_does() {
        let told = |text: &str| match what(text, "shop") {
            What::Change(Change { verb, name, rows, .. }) => match rows {
                Some(rows) => format!("{verb} {name} {rows}"),
                None => format!("{verb} {name}"),
            },
            other => format!("{other:?}"),
        };
        let cases = [
            ("INSERT INTO t SELECT seq, 'x' FROM seq_1_to_5", "INSERT shop.t"),
            (
                "insert ignore `a``b`.`c` (x, y) values (1, ')'), (f(2), '(') on duplicate key update x=(1)",
                "INSERT a`b.c 2",
            ),
            ("REPLACE INTO t VALUE (1)", "REPLACE shop.t 1"),
            ("/* it's */ UPDATE LOW_PRIORITY t AS q SET v = 'BEGIN'", "UPDATE shop.t"),
            ("DELETE q FROM x.t q JOIN r USING (id)", "DELETE x.t"),
            ("LOAD DATA LOCAL INFILE '/tmp/TABLE x' IGNORE INTO TABLE t", "LOAD shop.t"),
            ("CALL p1()", "CALL shop.p1"),
            ("CREATE OR REPLACE TABLE IF NOT EXISTS t AS SELECT 1", "CREATE shop.t"),
            ("CREATE TEMPORARY TABLE t AS SELECT 1", "Commit"),
            ("CREATE TRIGGER x AFTER INSERT ON t FOR EACH ROW SELECT 1", "Commit"),
            ("ALTER TABLE t FORCE", "Commit"),
            ("BEGIN", "Begin"),
            ("start transaction read only", "Begin"),
            ("COMMIT AND CHAIN", "Commit"),
            ("ROLLBACK", "Rollback"),
            ("ROLLBACK TO SAVEPOINT a", "Other"),
            ("SET autocommit=0", "Autocommit(false)"),
            ("SET @@session.autocommit = ON", "Autocommit(true)"),
            ("SET v = 1", "Other"),
            ("SELECT 1 FROM t FOR UPDATE", "Other"),
            ("UPDATE", "Other"),
            ("", "Other"),
        ];
        for (text, wanted) in cases {
            assert_eq!(told(text), wanted, "{text}");
        }
    }
}
