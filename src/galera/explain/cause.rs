//! What one known cause consists of.

use super::pattern::{Caught, catch, fill};
use crate::kernel::judge::PLACE;
use crate::kernel::run::event::Explanation;

pub struct Cause {
    pub slug: &'static str,
    /// All of these lines stand in the logs, and what they have in common agrees. The first is the
    /// one worth showing.
    pub told_by: &'static [Told],
    /// Sentences with places for what was caught.
    pub cause: &'static str,
    /// Likewise; `{inventory}` stays a place, and is filled where it is shown.
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

/// The node's own line. What happens to others says nothing of it.
pub const fn own(pattern: &'static str) -> Told {
    Told { whose: Whose::Own, pattern }
}

/// A line of the donor's, or of another member.
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

/// What is caught by the first lines that fit together.
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
