//! Which steps of a plan were under way, and when.

use std::time::Duration;

/// A step, from its beginning to its end; times are counted from the ledger's beginning.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Span {
    pub step: String,
    pub from: Duration,
    pub to: Option<Duration>,
}

/// The steps of a run.
#[derive(Debug, Clone, Default)]
pub struct Timeline(pub Vec<Span>);

impl Timeline {
    pub fn begin(&mut self, step: &str, at: Duration) {
        self.0.push(Span { step: step.to_owned(), from: at, to: None });
    }

    pub fn end(&mut self, step: &str, at: Duration) {
        if let Some(span) = self.0.iter_mut().rev().find(|span| span.step == step && span.to.is_none()) {
            span.to = Some(at);
        }
    }

    /// The steps that were under way at any time between the two.
    pub fn during(&self, from: Duration, to: Duration) -> Vec<&str> {
        let overlaps = |span: &&Span| span.from <= to && span.to.is_none_or(|end| end >= from);
        self.0.iter().filter(overlaps).map(|span| span.step.as_str()).collect()
    }
}
