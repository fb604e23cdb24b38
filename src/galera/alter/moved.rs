//! Changes after which a column's name stands for other values: a definition does not show that.

use std::collections::BTreeSet;

use super::Change;

/// What may follow DROP and is no column.
const NOT_DROPPED: [&str; 9] =
    ["INDEX", "KEY", "PRIMARY", "FOREIGN", "CONSTRAINT", "CHECK", "PARTITION", "PERIOD", "SYSTEM"];
/// What may follow ADD and is no column.
const NOT_ADDED: [&str; 12] = [
    "INDEX",
    "KEY",
    "PRIMARY",
    "UNIQUE",
    "FULLTEXT",
    "SPATIAL",
    "FOREIGN",
    "CONSTRAINT",
    "CHECK",
    "PARTITION",
    "PERIOD",
    "SYSTEM",
];

/// A piece of a change; a name without its quotes.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Token {
    Word(String),
    Quoted(String),
    Mark(char),
}

impl Token {
    fn is(&self, word: &str) -> bool {
        matches!(self, Self::Word(it) if it.eq_ignore_ascii_case(word))
    }

    fn name(&self) -> Option<String> {
        match self {
            Self::Word(name) | Self::Quoted(name) => Some(name.to_lowercase()),
            Self::Mark(_) => None,
        }
    }
}

/// The words by which a name comes to stand for other values: `RENAME COLUMN`, `CHANGE` with another name, or `DROP` and
/// `ADD` of one name. `None`: each name of the change stands for what it stood for, or is new, or is gone.
pub fn moved_names(change: &Change) -> Option<String> {
    let tokens = tokens(change.as_str());
    let (mut dropped, mut added) = (BTreeSet::new(), BTreeSet::new());
    for clause in clauses(&tokens) {
        let column = behind(clause, &["COLUMN", "IF", "NOT", "EXISTS"]);
        let Some((first, second)) = clause.first().zip(clause.get(1)) else { continue };
        if first.is("RENAME") && second.is("COLUMN") {
            return Some("RENAME COLUMN".into());
        } else if first.is("CHANGE") {
            let names: Vec<_> = column.iter().take(2).map(Token::name).collect();
            if names.len() < 2 || names[0] != names[1] {
                return Some("CHANGE with another name".into());
            }
        } else if first.is("DROP") && !NOT_DROPPED.iter().any(|word| second.is(word)) {
            dropped.extend(column.first().and_then(Token::name));
        } else if first.is("ADD") && !NOT_ADDED.iter().any(|word| second.is(word)) {
            added.extend(added_by(column));
        }
    }
    let both = dropped.intersection(&added).next();
    both.map(|name| format!("DROP and ADD of `{name}`"))
}

/// One name, or each first one between parentheses: `ADD COLUMN (a INT, b INT)`.
fn added_by(column: &[Token]) -> Vec<String> {
    match column {
        [Token::Mark('('), inner @ ..] => {
            clauses(inner).into_iter().filter_map(|it| it.first()?.name()).collect()
        }
        _ => column.first().and_then(Token::name).into_iter().collect(),
    }
}

/// What follows the first word and these.
fn behind<'a>(clause: &'a [Token], words: &[&str]) -> &'a [Token] {
    let rest = clause.get(1..).unwrap_or_default();
    let skipped = rest.iter().take_while(|it| words.iter().any(|word| it.is(word))).count();
    &rest[skipped..]
}

fn tokens(text: &str) -> Vec<Token> {
    let of_word = |c: char| c.is_alphanumeric() || c == '_' || c == '$';
    let (mut tokens, mut rest) = (Vec::new(), text.trim_start());
    while let Some(first) = rest.chars().next() {
        let (token, after) = if "'\"`".contains(first) {
            quoted(&rest[1..], first)
        } else if of_word(first) {
            let (word, after) = rest.split_at(rest.find(|c| !of_word(c)).unwrap_or(rest.len()));
            (Token::Word(word.to_owned()), after)
        } else {
            (Token::Mark(first), &rest[first.len_utf8()..])
        };
        tokens.push(token);
        rest = after.trim_start();
    }
    tokens
}

/// `rest`: behind the quote. Two quotes are one within.
fn quoted(rest: &str, quote: char) -> (Token, &str) {
    let (mut text, mut chars) = (String::new(), rest.char_indices().peekable());
    while let Some((at, c)) = chars.next() {
        if c != quote {
            text.push(c);
        } else if chars.next_if(|(_, next)| *next == quote).is_some() {
            text.push(quote);
        } else {
            return (Token::Quoted(text), &rest[at + 1..]);
        }
    }
    (Token::Quoted(text), "")
}

/// The parts between the commas that stand in no parentheses.
fn clauses(tokens: &[Token]) -> Vec<&[Token]> {
    let mut depth = 0_usize;
    let parts = tokens.split(|token| {
        match token {
            Token::Mark('(') => depth += 1,
            Token::Mark(')') => depth = depth.saturating_sub(1),
            _ => {}
        }
        *token == Token::Mark(',') && depth == 0
    });
    parts.collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(text: &str) -> Option<String> {
        moved_names(&text.parse().expect("a change"))
    }

    #[test]
    fn a_name_that_comes_to_stand_for_other_values_is_found() {
        for (text, words) in [
            ("DROP COLUMN price, RENAME COLUMN price_new TO price", "RENAME COLUMN"),
            ("rename column a TO b, RENAME COLUMN b TO a, MODIFY item BIGINT", "RENAME COLUMN"),
            ("CHANGE a b INT", "CHANGE with another name"),
            ("CHANGE COLUMN IF EXISTS `a` `b` INT", "CHANGE with another name"),
            ("DROP COLUMN a, ADD COLUMN a INT", "DROP and ADD of `a`"),
            ("drop IF EXISTS `A`, add a INT", "DROP and ADD of `a`"),
            ("DROP a, ADD (x DECIMAL(9,2), `a` INT)", "DROP and ADD of `a`"),
            ("ADD COLUMN IF NOT EXISTS a INT FIRST, DROP COLUMN a", "DROP and ADD of `a`"),
        ] {
            assert_eq!(of(text).as_deref(), Some(words), "{text}");
        }
    }

    #[test]
    fn other_changes_move_no_name() {
        for text in [
            "MODIFY a BIGINT",
            "CHANGE a a BIGINT",
            "CHANGE COLUMN `a` A BIGINT, ADD COLUMN b INT",
            "DROP COLUMN a, ADD COLUMN b INT COMMENT 'RENAME COLUMN a TO b'",
            "DROP KEY a, ADD KEY a (b)",
            "DROP PRIMARY KEY, ADD PRIMARY KEY (id)",
            "DROP INDEX a, ADD UNIQUE a (b), RENAME INDEX c TO d",
            "FORCE",
        ] {
            assert_eq!(of(text), None, "{text}");
        }
    }
}
