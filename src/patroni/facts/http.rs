//! The sections that `http.pl` prints.

use serde_json::Value;

use crate::kernel::facts::Answer;
use crate::kernel::facts::Report;

/// Words of an answer that are shown where it is not what was expected.
const MOST_SHOWN: usize = 200;

/// An answer over HTTP, of whatever status.
pub struct Http<'a> {
    pub status: u16,
    pub body: &'a str,
}

/// Reads the section of one request.
pub fn answer<'a>(report: &'a Report, section: &str) -> Answer<Http<'a>> {
    let Some(text) = report.section(section) else { return Answer::default() };
    let (first, body) = text.split_once('\n').unwrap_or((text, ""));
    if first == "refused" {
        return Answer::Nobody("nobody listens there".into());
    }
    match (first.strip_prefix("unseen "), first.parse()) {
        (Some(why), _) => Answer::Unseen(why.to_owned()),
        (None, Ok(status)) => Answer::Told(Http { status, body }),
        (None, Err(_)) => Answer::Unseen("the host did not tell what was answered".into()),
    }
}

impl Http<'_> {
    /// The body as JSON, whatever the status.
    pub fn json(&self) -> Answer<Value> {
        serde_json::from_str(self.body).map_or_else(|_| self.unexpected(), Answer::Told)
    }

    /// The body as JSON where the status is 200.
    pub fn good_json(&self) -> Answer<Value> {
        if self.status == 200 { self.json() } else { self.unexpected() }
    }

    /// It is not what was asked for.
    pub fn unexpected<T>(&self) -> Answer<T> {
        let words: String = self.body.split_whitespace().collect::<Vec<_>>().join(" ");
        let shown: String = words.chars().filter(|it| !it.is_control()).take(MOST_SHOWN).collect();
        Answer::Unseen(format!("it answered {} {shown}", self.status).trim_end().to_owned())
    }
}
