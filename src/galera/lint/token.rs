//! SQL text → tokens, by the lexer of `sqlparser`.

use sqlparser::dialect::MySqlDialect;
use sqlparser::tokenizer::{Token as Lexed, Tokenizer};

/// What rules look at. Comments and blanks are dropped.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Token {
    /// A keyword, or a name without quotes.
    Word(String),
    /// A name between backquotes.
    Name(String),
    /// A text between quotes.
    Text(String),
    Number(String),
    /// Anything else: `(`, `,`, `=`.
    Sign(char),
}

impl Token {
    /// It is this word, in capitals or not.
    pub fn is(&self, word: &str) -> bool {
        matches!(self, Self::Word(own) if own.eq_ignore_ascii_case(word))
    }
}

/// Errors: the text is no SQL, in the lexer's words.
pub fn tokens(sql: &str) -> Result<Vec<Token>, String> {
    let lexed = Tokenizer::new(&MySqlDialect {}, sql).tokenize().map_err(|error| error.message)?;
    Ok(lexed.into_iter().flat_map(token).collect())
}

fn token(lexed: Lexed) -> Vec<Token> {
    match lexed {
        Lexed::Whitespace(_) => Vec::new(),
        Lexed::Word(word) if word.quote_style.is_some() => vec![Token::Name(word.value)],
        Lexed::Word(word) => vec![Token::Word(word.value)],
        Lexed::Number(number, _) => vec![Token::Number(number)],
        Lexed::SingleQuotedString(text)
        | Lexed::DoubleQuotedString(text)
        | Lexed::NationalStringLiteral(text)
        | Lexed::HexStringLiteral(text)
        | Lexed::SingleQuotedByteStringLiteral(text)
        | Lexed::EscapedStringLiteral(text) => vec![Token::Text(text)],
        other => other.to_string().chars().map(Token::Sign).collect(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_texts_and_comments_are_told_apart() {
        let read = tokens("SELECT `a``b`, 'it''s; \\' --' /* GET_LOCK( */ -- x\n FROM t # y\n").expect("SQL");
        let word = |text: &str| Token::Word(text.into());
        let wanted = [
            word("SELECT"),
            Token::Name("a`b".into()),
            Token::Sign(','),
            Token::Text("it's; ' --".into()),
            word("FROM"),
            word("t"),
        ];
        assert_eq!(read, wanted);
        assert!(tokens("SELECT 'open").is_err());
    }
}
