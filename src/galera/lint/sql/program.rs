//! Triggers, events, routines and views.

use super::cursor::Cursor;
use super::table::name;
use crate::galera::lint::schema::{Program, ProgramKind};
use crate::galera::lint::token::Token;

/// What stands between `CREATE` and the kind of a program.
#[derive(Debug, Default)]
pub struct Head {
    pub definer: Option<String>,
    pub invoker: bool,
}

/// `OR REPLACE DEFINER=a@b ALGORITHM=MERGE SQL SECURITY INVOKER AGGREGATE`.
pub fn head(cursor: &mut Cursor<'_>) -> Head {
    let mut head = Head::default();
    loop {
        if cursor.take(&["OR", "REPLACE"]) || cursor.take_one(&["AGGREGATE"]) {
        } else if cursor.take_one(&["DEFINER"]) {
            cursor.take_sign('=');
            head.definer = account(cursor);
        } else if cursor.take_one(&["ALGORITHM"]) {
            cursor.value();
        } else if cursor.take(&["SQL", "SECURITY"]) {
            head.invoker = cursor.next().is_some_and(|word| word.is("INVOKER"));
        } else {
            return head;
        }
    }
}

/// `` `root`@`localhost` ``, `root@localhost`, a role's name.
pub fn account(cursor: &mut Cursor<'_>) -> Option<String> {
    let text = |token: &Token| match token {
        Token::Word(text) | Token::Name(text) | Token::Text(text) => Some(text.clone()),
        Token::Number(_) | Token::Sign(_) => None,
    };
    let user = text(cursor.next()?)?;
    if user.eq_ignore_ascii_case("CURRENT_USER") {
        cursor.brackets();
        return None;
    }
    match cursor.peek() {
        Some(Token::Word(at)) if at == "@" => {
            cursor.next();
            Some(format!("{user}@{}", text(cursor.next()?)?))
        }
        Some(Token::Sign('@')) => {
            cursor.next();
            Some(format!("{user}@{}", text(cursor.next()?)?))
        }
        // Without quotes, the lexer takes what begins with @ as a word.
        Some(Token::Word(host)) if host.starts_with('@') => {
            cursor.next();
            Some(format!("{user}{host}"))
        }
        _ if user.contains('@') => Some(user),
        _ => Some(format!("{user}@")),
    }
}

/// A program whose kind is the cursor's next word. `None`: it is none that can be read.
pub fn program(head: Head, schema: &str, cursor: &mut Cursor<'_>) -> Option<Program> {
    let kind = kind(cursor)?;
    cursor.take(&["IF", "NOT", "EXISTS"]);
    let name = name(cursor, schema)?;
    let Head { definer, mut invoker } = head;
    let (mut enabled, mut table) = (true, None);
    match kind {
        ProgramKind::Event => enabled = event(cursor)?,
        ProgramKind::Trigger => {
            while !cursor.take_one(&["ON"]) {
                cursor.next()?;
            }
            // A trigger is in the database of its table.
            table = Some(self::name(cursor, &name.schema)?);
            while !cursor.take(&["FOR", "EACH", "ROW"]) {
                cursor.next()?;
            }
        }
        ProgramKind::Function | ProgramKind::Procedure | ProgramKind::Package => {
            cursor.brackets();
            let words = cursor.rest().windows(3);
            invoker |=
                words.into_iter().any(|it| it[0].is("SQL") && it[1].is("SECURITY") && it[2].is("INVOKER"));
        }
        ProgramKind::View => {}
    }
    // A view only reads.
    let body = if kind == ProgramKind::View { Vec::new() } else { cursor.rest().to_vec() };
    Some(Program { kind, name, table, definer, invoker, enabled, body })
}

/// A kind, where the cursor's next word is one.
pub fn kind(cursor: &mut Cursor<'_>) -> Option<ProgramKind> {
    let kinds = [
        ("EVENT", ProgramKind::Event),
        ("FUNCTION", ProgramKind::Function),
        ("PACKAGE", ProgramKind::Package),
        ("PROCEDURE", ProgramKind::Procedure),
        ("TRIGGER", ProgramKind::Trigger),
        ("VIEW", ProgramKind::View),
    ];
    let (_, kind) = kinds.into_iter().find(|(word, _)| cursor.take_one(&[word]))?;
    cursor.take_one(&["BODY"]);
    Some(kind)
}

/// Up to the statement that an event runs; whether it is switched on.
fn event(cursor: &mut Cursor<'_>) -> Option<bool> {
    let mut enabled = true;
    loop {
        if cursor.take_one(&["DO"]) {
            return Some(enabled);
        }
        match cursor.next()? {
            word if word.is("DISABLE") => enabled = false,
            // Its text may be any word.
            word if word.is("COMMENT") => drop(cursor.next()),
            _ => {}
        }
    }
}
