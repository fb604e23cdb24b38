//! A file's text → its statements, cut at each `;` that stands outside of quotes and comments.

use std::str::Chars;

/// One part of a file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Part {
    /// A line `-- setup` or `-- transaction`.
    Section { word: &'static str, line: usize },
    /// A statement without comments; `line` is where it ends.
    Statement { text: String, line: usize },
}

const SECTIONS: [&str; 2] = ["setup", "transaction"];

/// Errors: a statement, a quote or a comment is not closed, or a comment is one whose text the server runs.
pub fn parts(text: &str) -> Result<Vec<Part>, String> {
    let mut reader =
        Reader { rest: text.chars(), line: 1, open: String::new(), at_line_start: true, parts: Vec::new() };
    while let Some(char) = reader.next() {
        reader.take(char)?;
    }
    reader.line = text.lines().count();
    reader.closed()?;
    Ok(reader.parts)
}

struct Reader<'a> {
    rest: Chars<'a>,
    line: usize,
    open: String,
    /// Nothing but blanks stands before on this line.
    at_line_start: bool,
    parts: Vec<Part>,
}

impl Reader<'_> {
    fn next(&mut self) -> Option<char> {
        let char = self.rest.next()?;
        self.line += usize::from(char == '\n');
        Some(char)
    }

    fn take(&mut self, char: char) -> Result<(), String> {
        let ahead = self.rest.as_str();
        let at_line_start = self.at_line_start;
        self.at_line_start = char == '\n' || (at_line_start && char.is_whitespace());
        match char {
            // `5--3` is arithmetic.
            '-' if ahead.starts_with('-')
                && (at_line_start || ahead[1..].chars().next().is_none_or(char::is_whitespace)) =>
            {
                self.line_comment(at_line_start)?;
            }
            '#' => self.line_comment(false)?,
            '/' if ahead.starts_with('*') => self.comment()?,
            '\'' | '"' | '`' => self.quoted(char)?,
            ';' => self.statement(),
            white if white.is_whitespace() => self.blank(),
            other => self.open.push(other),
        }
        Ok(())
    }

    fn blank(&mut self) {
        if !self.open.is_empty() && !self.open.ends_with(' ') {
            self.open.push(' ');
        }
    }

    fn line_comment(&mut self, whole_line: bool) -> Result<(), String> {
        let rest = self.rest.as_str();
        let text = &rest[..rest.find('\n').unwrap_or(rest.len())];
        self.rest = rest[text.len()..].chars();
        let word = text.trim_start_matches('-').trim();
        let section = SECTIONS.into_iter().find(|section| whole_line && *section == word);
        match section {
            Some(word) => {
                self.closed()?;
                self.parts.push(Part::Section { word, line: self.line });
            }
            None => self.blank(),
        }
        Ok(())
    }

    fn comment(&mut self) -> Result<(), String> {
        let begun = self.line;
        let rest = self.rest.as_str();
        if rest.starts_with("*!") || rest.starts_with("*M!") {
            return Err(format!("line {begun}: a comment that the server runs, `/*!`, is not taken"));
        }
        let Some(end) = rest[1..].find("*/") else {
            return Err(format!("line {begun}: the comment has no end"));
        };
        self.line += rest[..end + 3].matches('\n').count();
        self.rest = rest[end + 3..].chars();
        self.blank();
        Ok(())
    }

    fn quoted(&mut self, quote: char) -> Result<(), String> {
        let begun = self.line;
        self.open.push(quote);
        while let Some(char) = self.next() {
            self.open.push(char);
            // A quote that is written twice ends one and begins the next.
            if char == quote {
                return Ok(());
            }
            if char == '\\' && quote != '`' {
                let escaped = self.next();
                self.open.extend(escaped);
            }
        }
        Err(format!("line {begun}: the quote has no end"))
    }

    fn statement(&mut self) {
        let text = std::mem::take(&mut self.open).trim().to_owned();
        if !text.is_empty() {
            self.parts.push(Part::Statement { text, line: self.line });
        }
    }

    fn closed(&self) -> Result<(), String> {
        match self.open.trim().is_empty() {
            true => Ok(()),
            false => Err(format!("line {}: the statement before it does not end with `;`", self.line)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn statements(text: &str) -> Vec<String> {
        let statement = |part| match part {
            Part::Statement { text, .. } => Some(text),
            Part::Section { .. } => None,
        };
        parts(text).unwrap().into_iter().filter_map(statement).collect()
    }

    #[test]
    fn statements_end_where_the_server_would_end_them() {
        for (text, told) in [
            ("UPDATE a; COMMIT;", &["UPDATE a", "COMMIT"][..]),
            ("UPDATE a; -- a note\nUPDATE b;", &["UPDATE a", "UPDATE b"]),
            ("UPDATE a -- a note; it is long\nSET b = 1;", &["UPDATE a SET b = 1"]),
            ("UPDATE a # x;\nSET b = 1;", &["UPDATE a SET b = 1"]),
            ("UPDATE a /* one; two\n */ SET b = 5--3;", &["UPDATE a SET b = 5--3"]),
            (
                "INSERT INTO t VALUES ('a;b', \"c;d\", `e;f`);",
                &["INSERT INTO t VALUES ('a;b', \"c;d\", `e;f`)"],
            ),
            (
                r"INSERT INTO t VALUES ('it\'s; so', 'it''s; so');",
                &[r"INSERT INTO t VALUES ('it\'s; so', 'it''s; so')"],
            ),
            (
                "INSERT INTO t VALUES ('-- setup\n-- transaction');",
                &["INSERT INTO t VALUES ('-- setup\n-- transaction')"],
            ),
            ("SELECT 1;;\n ;", &["SELECT 1"]),
            ("SELECT 'ä' /* é */ ; -- setup", &["SELECT 'ä'"]),
        ] {
            assert_eq!(statements(text), told, "{text:?}");
        }
    }

    #[test]
    fn what_is_not_closed_is_told_with_its_line() {
        for (text, why) in [
            ("\nSELECT 1", "line 2: the statement before it"),
            ("SELECT 1\n-- setup\n", "line 2: the statement before it"),
            ("\nSELECT 'a;\n", "line 2: the quote has no end"),
            ("SELECT 1 /* a;", "line 1: the comment has no end"),
            ("UPDATE a /*! ; COMMIT */;", "line 1: a comment that the server runs"),
            ("UPDATE a /*M!100100 ; COMMIT */;", "line 1: a comment that the server runs"),
        ] {
            let error = parts(text).unwrap_err();
            assert!(error.contains(why), "{text:?}: {error}");
        }
    }
}
