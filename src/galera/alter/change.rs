//! What is to become of a table: the words behind `ALTER TABLE name`.

use std::fmt;
use std::str::FromStr;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::kernel::model::Invalid;

/// Words that galactl itself says.
const OWN: [&str; 2] = ["ALGORITHM", "LOCK"];

/// One change, for example `ADD COLUMN note TEXT`: one line, one statement, no comment.
///
/// The text is read by MariaDB's client, which takes a backslash outside of a text for a command of its own and a
/// semicolon for the end.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(try_from = "String", into = "String")]
pub struct Change(String);

impl FromStr for Change {
    type Err = Invalid;

    fn from_str(text: &str) -> Result<Self, Invalid> {
        let text = text.trim().trim_end_matches(';').trim_end();
        if text.is_empty() {
            return Err(Invalid::new("says no change"));
        }
        if text.contains('\\') || text.chars().any(|c| c.is_control() && !"\n\t".contains(c)) {
            return Err(Invalid::new(
                "has a backslash or a control character, which galactl does not pass on",
            ));
        }
        let outside = outside_of_quotes(text)?;
        if let Some(mark) = [";", "#", "--", "/*"].into_iter().find(|mark| outside.contains(mark)) {
            let what = if mark == ";" { "more than one statement" } else { "a comment" };
            return Err(Invalid::new(format!("has {what} (`{mark}`)")));
        }
        let words = outside.to_uppercase();
        let mut words = words.split(|c: char| !c.is_alphanumeric() && c != '_').filter(|it| !it.is_empty());
        if words.clone().next() == Some("ALTER") {
            return Err(Invalid::new(
                "is a whole statement: give only what comes behind ALTER TABLE and the name",
            ));
        }
        match words.find(|word| OWN.contains(word)) {
            Some(word) => Err(Invalid::new(format!("has {word}=, which galactl finds out itself"))),
            None => Ok(Self(on_one_line(text))),
        }
    }
}

/// The text with a blank for each character within quotes.
///
/// Errors: a quote has no end.
fn outside_of_quotes(text: &str) -> Result<String, Invalid> {
    let (mut outside, mut quote) = (String::new(), None);
    for c in text.chars() {
        match quote {
            Some(end) if c == end => quote = None,
            Some(_) => {}
            None if "'\"`".contains(c) => quote = Some(c),
            None => {
                outside.push(c);
                continue;
            }
        }
        outside.push(' ');
    }
    match quote {
        None => Ok(outside),
        Some(quote) => Err(Invalid::new(format!("has a {quote} without its end"))),
    }
}

/// A word at the start of a line may be a command to MariaDB's client.
fn on_one_line(text: &str) -> String {
    text.replace(['\n', '\t'], " ")
}

impl Change {
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for Change {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl TryFrom<String> for Change {
    type Error = Invalid;

    fn try_from(text: String) -> Result<Self, Invalid> {
        text.parse()
    }
}

impl From<Change> for String {
    fn from(change: Change) -> Self {
        change.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_change_passes() {
        let same = |text: &str| assert_eq!(text.parse::<Change>().as_ref().map(Change::as_str), Ok(text));
        same("ADD COLUMN note TEXT");
        same("ADD COLUMN c CHAR(9) DEFAULT 'a;b#c--', ADD KEY `--` (c)");
        same("ADD COLUMN `lock` INT COMMENT 'it''s ALGORITHM=COPY'");
        assert_eq!(
            " ADD KEY k\n(a) ; ".parse::<Change>().map(|it| it.to_string()),
            Ok("ADD KEY k (a)".into())
        );
    }

    #[test]
    fn what_a_client_would_take_for_something_else_is_refused() {
        for text in [
            "",
            " ; ",
            "FORCE; DROP TABLE t",
            "FORCE # later",
            "FORCE -- later",
            "FORCE /* later */",
            "\\! reboot",
            "ADD COLUMN c CHAR(9) DEFAULT 'a",
            "ADD KEY k (a), ALGORITHM=COPY",
            "FORCE, lock = none",
            "ALTER TABLE t FORCE",
            "FORCE\u{0}",
        ] {
            assert!(text.parse::<Change>().is_err(), "{text}");
        }
    }
}
