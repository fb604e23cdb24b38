//! What one known cause consists of.

use super::pattern::{Caught, catch, fill};
use crate::kernel::judge::PLACE;
use crate::kernel::run::event::Explanation;

pub struct Cause {
    pub slug: &'static str,
    /// All of these lines are in the logs, and places of the same name caught the same value. The first is the
    /// one worth showing.
    pub told_by: &'static [Told],
    /// Sentences with places for what was caught.
    pub cause: &'static str,
    /// What to do, with the same places. `{inventory}` stays a place until the text is shown.
    pub next: &'static str,
}

/// A line, and in whose log.
pub struct Told {
    whose: Whose,
    pub pattern: &'static str,
}

#[derive(Clone, Copy)]
enum Whose {
    Own,
    Others,
    Anyones,
}

/// A line of the node's own log: the same line in another node's log says nothing about this node.
pub const fn own(pattern: &'static str) -> Told {
    Told { whose: Whose::Own, pattern }
}

/// A line in the log of another node.
pub const fn others(pattern: &'static str) -> Told {
    Told { whose: Whose::Others, pattern }
}

pub const fn anyones(pattern: &'static str) -> Told {
    Told { whose: Whose::Anyones, pattern }
}

pub struct Logs<'a> {
    pub own: &'a [&'a str],
    pub others: &'a [&'a str],
}

impl Cause {
    pub fn told(&self, logs: &Logs<'_>) -> Option<Explanation> {
        let mut caught = agreeing(self.told_by, logs, &Caught::new())?;
        caught.push(("inventory", PLACE));
        Some(Explanation {
            slug: self.slug.to_owned(),
            cause: fill(self.cause, &caught),
            next: fill(self.next, &caught),
        })
    }
}

/// What the places caught in the first set of lines that match all patterns and agree with each other.
fn agreeing<'a>(wanted: &[Told], logs: &Logs<'a>, caught: &Caught<'a>) -> Option<Caught<'a>> {
    let Some((told, rest)) = wanted.split_first() else { return Some(caught.clone()) };
    let (first, second): (&[&str], &[&str]) = match told.whose {
        Whose::Own => (logs.own, &[]),
        Whose::Others => (logs.others, &[]),
        Whose::Anyones => (logs.own, logs.others),
    };
    let mut lines = first.iter().chain(second);
    lines.find_map(|line| agreeing(rest, logs, &catch(told.pattern, line, caught)?))
}
