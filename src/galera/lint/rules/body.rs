//! What the statements of a program do, as far as their words tell.

use crate::galera::lint::schema::Program;
use crate::galera::lint::token::{Token, tokens};

/// The tokens of a program; where it prepares statements from texts, those of its texts as well.
pub fn statements(program: &Program) -> Vec<Token> {
    let prepares = has(&program.body, &["EXECUTE"]) || has(&program.body, &["PREPARE"]);
    let mut all = program.body.clone();
    let texts = program.body.iter().filter_map(|token| match token {
        Token::Text(text) if prepares => tokens(text).ok(),
        _ => None,
    });
    for text in texts {
        // A sign between them, so that no words come together that do not stand together.
        all.push(Token::Sign(';'));
        all.extend(text);
    }
    all
}

/// These words stand there one behind the other.
pub fn has(tokens: &[Token], words: &[&str]) -> bool {
    place(tokens, words).is_some()
}

/// Where what follows these words begins.
pub fn place(tokens: &[Token], words: &[&str]) -> Option<usize> {
    let found = tokens
        .windows(words.len())
        .position(|window| window.iter().zip(words).all(|(token, word)| token.is(word)))?;
    Some(found + words.len())
}

/// A function is called.
pub fn calls(tokens: &[Token], function: &str) -> bool {
    tokens.windows(2).any(|pair| pair[0].is(function) && pair[1] == Token::Sign('('))
}

/// Each statement: what stands between semicolons and the words of blocks.
pub fn each(tokens: &[Token]) -> Vec<&[Token]> {
    let ends = |token: &Token| {
        *token == Token::Sign(';')
            || ["BEGIN", "DO", "ELSE", "LOOP", "REPEAT", "THEN"].iter().any(|it| token.is(it))
    };
    tokens.split(ends).filter(|statement| !statement.is_empty()).collect()
}

/// It begins with one of these words.
pub fn begins(statement: &[Token], words: &[&str]) -> bool {
    statement.first().is_some_and(|first| words.iter().any(|word| first.is(word)))
}
