//! What one known cause consists of.

use super::pattern::{Caught, catch, catch_at_start, fill, places};
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
    /// The line begins with the pattern.
    at_start: bool,
}

#[derive(Clone, Copy)]
enum Whose {
    Own,
    Others,
    Anyones,
}

/// A line of the node's own log: the same line in another node's log says nothing about this node.
pub const fn own(pattern: &'static str) -> Told {
    Told { whose: Whose::Own, pattern, at_start: false }
}

/// A line of the node's own log that begins so. What a client wrote into its statement or its name stands further
/// behind, and says nothing.
pub const fn own_begins(pattern: &'static str) -> Told {
    Told { whose: Whose::Own, pattern, at_start: true }
}

/// A line in the log of another node.
pub const fn others(pattern: &'static str) -> Told {
    Told { whose: Whose::Others, pattern, at_start: false }
}

pub const fn anyones(pattern: &'static str) -> Told {
    Told { whose: Whose::Anyones, pattern, at_start: false }
}

pub struct Logs<'a> {
    pub own: &'a [&'a str],
    pub others: &'a [&'a str],
}

impl Cause {
    fn next_with(&self, caught: &Caught<'_>) -> String {
        let value = |name| caught.iter().find(|(known, _)| *known == name).map(|(_, value)| *value);
        let mut values = places(self.next).filter(|name| *name != "inventory").filter_map(value);
        fill(if values.all(is_plain) { self.next } else { NO_COMMAND }, caught)
    }

    pub fn told(&self, logs: &Logs<'_>) -> Option<Explanation> {
        let mut caught = agreeing(self.told_by, logs, &Caught::new())?;
        caught.push(("inventory", PLACE));
        Some(Explanation {
            slug: self.slug.to_owned(),
            cause: fill(self.cause, &caught),
            next: self.next_with(&caught),
        })
    }
}

/// What to do where a value of the log may not stand in a command.
const NO_COMMAND: &str = "look at the lines above: what they name has characters that galactl puts into no command; then \
                          galactl status {inventory}";

/// A shell and SQL take it as it is. Others write into logs, so nothing else of them gets into a command.
fn is_plain(value: &str) -> bool {
    value.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"._/:-".contains(&byte))
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
    let catch = if told.at_start { catch_at_start } else { catch };
    lines.find_map(|line| agreeing(rest, logs, &catch(told.pattern, line, caught)?))
}

#[cfg(test)]
mod tests {
    use super::*;

    const CAUSE: Cause = Cause {
        slug: "x",
        told_by: &[own_begins("port {port} in {place}.")],
        cause: "{place} has it",
        next: "ss {port}; galactl status {inventory}",
    };

    fn next(line: &str) -> Option<String> {
        CAUSE.told(&Logs { own: &[line], others: &[] }).map(|told| told.next)
    }

    #[test]
    fn only_plain_values_get_into_a_command() {
        assert_eq!(next("port 80 in a $(b)."), Some(format!("ss 80; galactl status {PLACE}")));
        for port in ["80; reboot", "$(reboot)", "`x`", "8'0", "8\u{200b}0"] {
            let next = next(&format!("port {port} in a.")).unwrap();
            assert!(!next.contains(port) && next.ends_with(&format!("galactl status {PLACE}")), "{next}");
        }
        assert_eq!(next("ERROR: port 80 in a."), None);
    }
}
