//! The words of a change, as the server's parser tells them apart.

use crate::kernel::model::Invalid;

/// A piece of a statement outside of what stands in quotes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Piece<'a> {
    /// A keyword, an unquoted name or a number.
    Word(&'a str),
    /// A text, or a name in backquotes.
    Quoted,
    /// Anything else but blanks.
    Mark(char),
}

impl Piece<'_> {
    /// True of this keyword, in whatever case it is written.
    pub fn is(self, word: &str) -> bool {
        matches!(self, Self::Word(it) if it.eq_ignore_ascii_case(word))
    }

    pub fn is_one_of(self, words: &[&str]) -> bool {
        words.iter().any(|word| self.is(word))
    }

    pub fn is_number(self) -> bool {
        matches!(self, Self::Word(it) if it.starts_with(|c: char| c.is_ascii_digit()))
    }
}

/// The text with a `'` for each text or name in quotes.
///
/// Errors: a quote has no end.
pub fn outside_of_quotes(text: &str) -> Result<String, Invalid> {
    let (mut outside, mut quote) = (String::new(), None);
    for c in text.chars() {
        match quote {
            Some(end) if c == end => {
                quote = None;
                outside.push('\'');
            }
            Some(_) => {}
            None if "'\"`".contains(c) => quote = Some(c),
            None => outside.push(c),
        }
    }
    match quote {
        None => Ok(outside),
        Some(quote) => Err(Invalid::new(format!("has a {quote} without its end"))),
    }
}

/// `outside`: as [`outside_of_quotes`] gives it.
pub fn pieces(outside: &str) -> Vec<Piece<'_>> {
    let of_word = |c: char| c.is_alphanumeric() || c == '_' || c == '$';
    let (mut pieces, mut rest) = (Vec::new(), outside.trim_start());
    while let Some(first) = rest.chars().next() {
        let end = match of_word(first) {
            true => rest.find(|c| !of_word(c)).unwrap_or(rest.len()),
            false => first.len_utf8(),
        };
        let (piece, after) = rest.split_at(end);
        pieces.push(match first {
            '\'' => Piece::Quoted,
            _ if of_word(first) => Piece::Word(piece),
            _ => Piece::Mark(first),
        });
        rest = after.trim_start();
    }
    pieces
}

/// The changes between the commas that stand in no bracket.
pub fn clauses<'a, 'b>(pieces: &'a [Piece<'b>]) -> Vec<&'a [Piece<'b>]> {
    let mut depth = 0_usize;
    let parts = pieces.split(|piece| {
        match piece {
            Piece::Mark('(') => depth += 1,
            Piece::Mark(')') => depth = depth.saturating_sub(1),
            _ => {}
        }
        *piece == Piece::Mark(',') && depth == 0
    });
    parts.collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quotes_hide_their_words_and_brackets_their_commas() {
        let outside = outside_of_quotes("ADD c ENUM('a,b', 'it''s'), DROP `x``y`").expect("ends");
        let pieces = pieces(&outside);
        let clauses = clauses(&pieces);
        assert_eq!(clauses.len(), 2, "{clauses:?}");
        assert!(clauses[1][0].is("drop") && clauses[1][1] == Piece::Quoted);
        assert!(outside_of_quotes("DEFAULT 'a").is_err());
    }
}
