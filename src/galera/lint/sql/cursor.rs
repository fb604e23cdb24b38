//! A place in a list of tokens.

use crate::galera::lint::token::Token;

#[derive(Debug, Clone, Copy)]
pub struct Cursor<'a> {
    rest: &'a [Token],
}

impl<'a> Cursor<'a> {
    pub fn new(tokens: &'a [Token]) -> Self {
        Self { rest: tokens }
    }

    pub fn rest(&self) -> &'a [Token] {
        self.rest
    }

    pub fn peek(&self) -> Option<&'a Token> {
        self.rest.first()
    }

    pub fn next(&mut self) -> Option<&'a Token> {
        let (first, rest) = self.rest.split_first()?;
        self.rest = rest;
        Some(first)
    }

    /// Takes these words if they come next, all of them.
    pub fn take(&mut self, words: &[&str]) -> bool {
        let found =
            self.rest.len() >= words.len() && words.iter().zip(self.rest).all(|(word, it)| it.is(word));
        if found {
            self.rest = &self.rest[words.len()..];
        }
        found
    }

    /// Takes whichever of these words comes next.
    pub fn take_one(&mut self, words: &[&str]) -> bool {
        words.iter().any(|word| self.take(&[word]))
    }

    pub fn take_sign(&mut self, sign: char) -> bool {
        let found = self.peek() == Some(&Token::Sign(sign));
        if found {
            self.next();
        }
        found
    }

    /// A name, with quotes or without.
    pub fn name(&mut self) -> Option<String> {
        match self.peek()? {
            Token::Name(name) | Token::Word(name) => {
                self.next();
                Some(name.clone())
            }
            _ => None,
        }
    }

    /// A value behind an equals sign, which may be missing: `ENGINE=InnoDB`, `CHARSET utf8`.
    pub fn value(&mut self) -> Option<String> {
        self.take_sign('=');
        match self.next()? {
            Token::Name(text) | Token::Word(text) | Token::Text(text) | Token::Number(text) => {
                Some(text.clone())
            }
            Token::Sign(_) => None,
        }
    }

    /// What is between the bracket that comes next and the one that closes it.
    pub fn brackets(&mut self) -> Option<&'a [Token]> {
        if self.peek() != Some(&Token::Sign('(')) {
            return None;
        }
        let mut depth = 0;
        for (at, token) in self.rest.iter().enumerate() {
            match token {
                Token::Sign('(') => depth += 1,
                Token::Sign(')') => depth -= 1,
                _ => {}
            }
            if depth == 0 {
                let inside = &self.rest[1..at];
                self.rest = &self.rest[at + 1..];
                return Some(inside);
            }
        }
        None
    }
}

/// Parts between commas that are in no bracket.
pub fn parts(tokens: &[Token]) -> Vec<&[Token]> {
    let (mut parts, mut depth, mut from) = (Vec::new(), 0, 0);
    for (at, token) in tokens.iter().enumerate() {
        match token {
            Token::Sign('(') => depth += 1,
            Token::Sign(')') => depth -= 1,
            Token::Sign(',') if depth == 0 => {
                parts.push(&tokens[from..at]);
                from = at + 1;
            }
            _ => {}
        }
    }
    parts.push(&tokens[from..]);
    parts
}
