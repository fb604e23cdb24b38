//! A statement as its bytes come.

/// Statements whose text is wanted. Everything else is read past.
const KEPT: [&str; 4] = ["CREATE", "ALTER", "USE", "DROP"];
/// The longest first word that is looked at.
const LONGEST_WORD: usize = 20;
/// The longest statement that is kept; the server's own limit for a packet is 1 GiB, and nobody defines that much.
const LONGEST: usize = 4 << 20;

/// A statement, or what stands for it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Statement {
    /// Where it begins; from 1.
    pub line: usize,
    /// In capitals.
    pub first_word: String,
    /// Empty where it is none of those that are kept.
    pub text: String,
    /// It was too long to be kept.
    pub too_long: bool,
}

/// The first word, while it comes and afterwards.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
enum Word {
    #[default]
    Comes,
    /// The statement is one of those that are kept.
    Kept,
    Dropped,
}

/// A statement that has not ended.
#[derive(Debug, Default)]
pub struct Begun {
    pub line: usize,
    text: Vec<u8>,
    first_word: String,
    word: Word,
    too_long: bool,
}

impl Begun {
    /// Nothing of it has come.
    pub fn is_empty(&self) -> bool {
        self.first_word.is_empty() && self.text.is_empty()
    }

    pub fn keep(&mut self, byte: u8) {
        match self.word {
            Word::Comes if self.is_empty() && byte.is_ascii_whitespace() => return,
            Word::Comes if byte.is_ascii_alphabetic() && self.first_word.len() < LONGEST_WORD => {
                self.first_word.push(char::from(byte.to_ascii_uppercase()));
            }
            Word::Comes if self.first_word.is_empty() => {}
            Word::Comes => {
                self.word = if KEPT.contains(&self.first_word.as_str()) { Word::Kept } else { Word::Dropped };
            }
            Word::Kept | Word::Dropped => {}
        }
        if self.word == Word::Dropped {
            self.text.clear();
        } else if self.text.len() < LONGEST {
            self.text.push(byte);
        } else {
            self.too_long = true;
        }
    }

    /// `None` where there is nothing.
    pub fn end(self) -> Option<Statement> {
        let dropped = self.word == Word::Dropped || self.too_long;
        let text = if dropped { "".into() } else { String::from_utf8_lossy(&self.text) };
        let Self { line, first_word, too_long, .. } = self;
        let text = text.trim().to_owned();
        (!first_word.is_empty() || !text.is_empty()).then_some(Statement { line, first_word, text, too_long })
    }
}
