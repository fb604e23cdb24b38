//! A dump's bytes → its statements, as they come. Only statements that define something are kept in memory.

use super::statement::{Begun, Statement};

/// `/*!50700` to `/*!99999` are versions of MySQL, whose text MariaDB reads past (documentation, Comment Syntax).
const OF_MYSQL: std::ops::RangeInclusive<u32> = 50700..=99_999;
/// Text for a later server than any.
const NEVER: u32 = 999_999;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Within {
    Code,
    Quote(u8),
    /// A backslash in a quote: the next byte means nothing.
    Escaped(u8),
    LineComment,
    BlockComment,
}

/// Cuts bytes into statements.
#[derive(Debug)]
pub struct Splitter {
    delimiter: Vec<u8>,
    within: Within,
    /// Within `/*! … */`, whose text counts.
    conditional: bool,
    line: usize,
    /// The statement at hand.
    begun: Begun,
    /// Bytes that are not decided yet: the beginning of a comment, a delimiter, a line that may be DELIMITER.
    pending: Vec<u8>,
    /// The text of the line comment at hand, or its beginning.
    comment: Vec<u8>,
    /// The server's version, as the head of a dump tells it.
    pub version: Option<String>,
}

impl Default for Splitter {
    fn default() -> Self {
        Self {
            delimiter: b";".to_vec(),
            within: Within::Code,
            conditional: false,
            line: 1,
            begun: Begun::default(),
            pending: Vec::new(),
            comment: Vec::new(),
            version: None,
        }
    }
}

impl Splitter {
    /// Takes the next bytes, and gives the statements that end in them.
    pub fn feed(&mut self, bytes: &[u8]) -> Vec<Statement> {
        let mut found = Vec::new();
        // What could not be decided without the bytes that follow.
        let mut all = std::mem::take(&mut self.pending);
        all.extend_from_slice(bytes);
        let mut at = 0;
        while at < all.len() {
            let taken = self.step(&all[at..], false, &mut found);
            if taken == 0 {
                break;
            }
            self.count_lines(&all[at..at + taken]);
            at += taken;
        }
        self.pending = all[at..].to_vec();
        found
    }

    /// The last statement, which may lack its delimiter. `Err` tells what is left open.
    pub fn finish(&mut self) -> (Vec<Statement>, Option<&'static str>) {
        let mut found = Vec::new();
        let all = std::mem::take(&mut self.pending);
        let mut at = 0;
        while at < all.len() {
            let taken = self.step(&all[at..], true, &mut found).max(1);
            self.count_lines(&all[at..at + taken]);
            at += taken;
        }
        let open = match self.within {
            Within::Quote(_) | Within::Escaped(_) => Some("a quote is open at its end"),
            Within::BlockComment => Some("a comment is open at its end"),
            Within::Code | Within::LineComment => None,
        };
        found.extend(self.end());
        (found, open)
    }

    fn count_lines(&mut self, bytes: &[u8]) {
        self.line += bytes.split(|byte| *byte == b'\n').count() - 1;
    }

    /// The statement that ends here; `None` where there is nothing.
    fn end(&mut self) -> Option<Statement> {
        self.conditional = false;
        std::mem::take(&mut self.begun).end()
    }

    /// Takes the first bytes of these; 0: more are needed.
    fn step(&mut self, bytes: &[u8], last: bool, found: &mut Vec<Statement>) -> usize {
        match self.within {
            Within::Code => self.code(bytes, last, found),
            Within::Escaped(quote) => {
                self.within = Within::Quote(quote);
                self.begun.keep(bytes[0]);
                1
            }
            Within::Quote(quote) => self.quoted(bytes, quote),
            Within::LineComment => self.line_comment(bytes, found),
            Within::BlockComment => match bytes {
                [b'*', b'/', ..] => {
                    self.within = Within::Code;
                    2
                }
                [b'*'] if !last => 0,
                _ => 1,
            },
        }
    }

    /// Up to the end of the quote at once: most of a dump is quoted.
    fn quoted(&mut self, bytes: &[u8], quote: u8) -> usize {
        let end = bytes.iter().position(|byte| *byte == quote || (*byte == b'\\' && quote != b'`'));
        let taken = end.map_or(bytes.len(), |end| end + 1);
        if let Some(end) = end {
            self.within = if bytes[end] == quote { Within::Code } else { Within::Escaped(quote) };
        }
        bytes[..taken].iter().for_each(|byte| self.begun.keep(*byte));
        taken
    }

    fn line_comment(&mut self, bytes: &[u8], found: &mut Vec<Statement>) -> usize {
        let end = bytes.iter().position(|byte| *byte == b'\n');
        let room = 200_usize.saturating_sub(self.comment.len());
        self.comment.extend(bytes[..end.unwrap_or(bytes.len())].iter().take(room));
        if end.is_some() {
            self.within = Within::Code;
            let comment = String::from_utf8_lossy(&std::mem::take(&mut self.comment)).into_owned();
            if let Some((_, version)) = comment.split_once("Server version") {
                self.version = Some(version.trim().to_owned());
            }
            found.extend(database(&comment).filter(|_| self.is_between()).map(|name| self.use_of(name)));
            self.begun.keep(b' ');
        }
        end.unwrap_or(bytes.len() - 1) + 1
    }

    fn code(&mut self, bytes: &[u8], last: bool, found: &mut Vec<Statement>) -> usize {
        if self.is_between() && !bytes[0].is_ascii_whitespace() {
            match self.delimiter_line(bytes, last) {
                Some(taken) => return taken,
                None => self.begun.line = self.line,
            }
        }
        if !last && bytes.len() < self.delimiter.len().max(3) && might_be_more(bytes[0], self.delimiter[0]) {
            return 0;
        }
        if bytes.starts_with(&self.delimiter) {
            found.extend(self.end());
            return self.delimiter.len();
        }
        match bytes {
            [b'/', b'*', b'!' | b'M', ..] => self.conditional_comment(bytes, last),
            [b'/', b'*', ..] => {
                self.within = Within::BlockComment;
                self.begun.keep(b' ');
                2
            }
            [b'*', b'/', ..] if self.conditional => {
                self.conditional = false;
                self.begun.keep(b' ');
                2
            }
            [b'#', ..] => {
                self.within = Within::LineComment;
                1
            }
            [b'-', b'-', rest @ ..] if rest.first().is_none_or(u8::is_ascii_whitespace) => {
                self.within = Within::LineComment;
                2
            }
            [quote @ (b'\'' | b'"' | b'`'), ..] => {
                self.within = Within::Quote(*quote);
                self.begun.keep(*quote);
                1
            }
            _ => {
                self.begun.keep(bytes[0]);
                1
            }
        }
    }

    /// `/*!50003 ` and `/*M!100100 `: what follows counts, unless it is for a server that MariaDB is not.
    fn conditional_comment(&mut self, bytes: &[u8], last: bool) -> usize {
        let head = if bytes[2] == b'M' { 4 } else { 3 };
        let digits = bytes.iter().skip(head).take_while(|byte| byte.is_ascii_digit()).count();
        if !last && bytes.len() <= head + 6 {
            return 0;
        }
        if bytes[2] == b'M' && bytes.get(3) != Some(&b'!') {
            self.within = Within::BlockComment;
            return 2;
        }
        let number = std::str::from_utf8(&bytes[head..head + digits]).unwrap_or_default();
        let version = number.parse().unwrap_or(0);
        if version >= NEVER || (bytes[2] == b'!' && OF_MYSQL.contains(&version)) {
            self.within = Within::BlockComment;
        } else {
            self.conditional = true;
        }
        self.begun.keep(b' ');
        head + digits
    }

    /// A dump of one database names it in its head only.
    fn use_of(&self, name: &str) -> Statement {
        let text = format!("USE `{}`", name.replace('`', "``"));
        Statement { line: self.line, first_word: "USE".into(), text, too_long: false }
    }

    /// No statement has begun.
    fn is_between(&self) -> bool {
        self.begun.is_empty() && !self.conditional
    }

    /// `DELIMITER ;;` is a line for the client. `None`: it is no such line; `Some(0)`: more bytes are needed.
    fn delimiter_line(&mut self, bytes: &[u8], last: bool) -> Option<usize> {
        const WORD: &[u8] = b"DELIMITER";
        let shown = &bytes[..bytes.len().min(WORD.len())];
        if !shown.eq_ignore_ascii_case(&WORD[..shown.len()]) {
            return None;
        }
        let Some(end) = bytes.iter().position(|byte| *byte == b'\n') else {
            return if last { Some(bytes.len()) } else { (bytes.len() < 200).then_some(0) };
        };
        let line = bytes[..end].get(WORD.len()..)?;
        if !line.first()?.is_ascii_whitespace() {
            return None;
        }
        let delimiter = line.trim_ascii();
        if !delimiter.is_empty() {
            self.delimiter = delimiter.to_vec();
        }
        Some(end)
    }
}

/// `Host: localhost    Database: shop`.
fn database(comment: &str) -> Option<&str> {
    let (_, name) = comment.trim().strip_prefix("Host:")?.split_once("Database:")?;
    Some(name.trim()).filter(|name| !name.is_empty())
}

/// A sign of several bytes may begin with this one.
fn might_be_more(byte: u8, delimiter: u8) -> bool {
    byte == delimiter || matches!(byte, b'/' | b'*' | b'-')
}
