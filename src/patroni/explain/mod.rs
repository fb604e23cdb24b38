//! The journal of a host with PostgreSQL, Patroni and etcd → the cause in two sentences, and the next command.

mod causes;

use causes::{CAUSES, Known};

use crate::kernel::explain::Logs;
use crate::kernel::explain::pattern::{Caught, catch};
use crate::kernel::run::event::Explanation;

pub use causes::DOCUMENTED;

/// The cause that a log shows, if it is a known one that is not over. Of several, the most specific.
pub fn explain(log: &str) -> Option<Explanation> {
    // The newest line counts: what it names is what there is to be mended.
    let newest_first: Vec<&str> = log.lines().rev().collect();
    CAUSES.iter().find_map(|known| known.told(&newest_first))
}

/// The lines that are worth showing, at most so many: those about errors and of known causes, and where no cause is
/// known the newest as well. Of lines that say the same again and again, the last.
pub fn shown(log: &str, cause_is_known: bool, most: usize) -> Vec<&str> {
    let newest = if cause_is_known { 0 } else { most / 2 };
    let mut picked: Vec<&str> = Vec::new();
    for (at, line) in log.lines().rev().filter(|line| !line.trim().is_empty()).enumerate() {
        if picked.len() == most {
            break;
        }
        if (at < newest || is_telling(line)) && picked.iter().all(|known| words(known) != words(line)) {
            picked.push(line);
        }
    }
    picked.reverse();
    picked
}

impl Known {
    fn told(&self, newest_first: &[&str]) -> Option<Explanation> {
        let is_over = |line: &&str| self.over.iter().any(|words| line.contains(words));
        let since = newest_first.iter().position(is_over).unwrap_or(newest_first.len());
        self.cause.told(&Logs { own: &newest_first[..since], others: &[] })
    }
}

fn is_telling(line: &str) -> bool {
    let errors = ["FATAL", "PANIC", "CRITICAL", "ERROR", "\"level\":\"fatal\"", "\"level\":\"error\""];
    // Patroni and galactl end connections; that is no error of anybody's.
    let usual = ["due to administrator command", "the database system is starting up"];
    let has = |words: &[&str]| words.iter().any(|word| line.contains(word));
    let of_cause = |known: &Known| catch(known.cause.told_by[0].pattern, line, &Caught::new()).is_some();
    has(&errors) && !has(&usual) || CAUSES.iter().any(of_cause)
}

/// The line without times and numbers of processes.
fn words(line: &str) -> String {
    line.chars().filter(|c| !c.is_ascii_digit()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    const MISMATCH: &str =
        "CRITICAL: system ID mismatch, node pg3 belongs to a different cluster: 7713 != 7714";

    #[test]
    fn a_cause_that_is_over_is_none() {
        assert_eq!(explain(MISMATCH).unwrap().slug, "other-system");
        let over = format!("{MISMATCH}\nLOG:  database system is ready to accept read-only connections");
        assert_eq!(explain(&over), None);
        let again = format!("{over}\n{MISMATCH}");
        assert_eq!(explain(&again).unwrap().slug, "other-system");
        assert_eq!(explain("INFO: no action. I am (pg1), a secondary, and following a leader (pg2)"), None);
    }

    #[test]
    fn what_is_said_again_and_again_is_shown_once() {
        let log = "1 FATAL: a\n2 FATAL: a\n3 INFO: b\n4 INFO: c\n";
        assert_eq!(shown(log, true, 4), ["2 FATAL: a"]);
        assert_eq!(shown(log, false, 4), ["2 FATAL: a", "3 INFO: b", "4 INFO: c"]);
    }

    #[test]
    fn every_cause_is_documented_once_and_can_be_filled() {
        use crate::kernel::explain::pattern::places;
        for Known { cause, .. } in CAUSES {
            assert_eq!(
                DOCUMENTED.iter().filter(|(_, slug, _)| *slug == cause.slug).count(),
                1,
                "{}",
                cause.slug
            );
            let caught: Vec<_> = cause.told_by.iter().flat_map(|told| places(told.pattern)).collect();
            for place in places(cause.cause).chain(places(cause.next)) {
                assert!(place == "inventory" || caught.contains(&place), "{}: {place}", cause.slug);
            }
            // The reader has just run it.
            assert!(!cause.next.contains("galactl explain"), "{}", cause.slug);
        }
        assert_eq!(CAUSES.len(), DOCUMENTED.len());
    }
}
