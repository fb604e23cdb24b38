//! Log lines of a joiner and its donor → the cause in a sentence, and the next command.
//!
//! A cause is recognised by its log lines. They are searched for in the node's last start first,
//! and the tables of causes are tried in the order in which they stand: the specific ones first,
//! because a joiner's last lines are the same whatever went wrong.

mod attempt;
mod corruption;
mod data;
pub mod donors;
mod ended;
mod group;
mod half;
mod history;
mod innodb;
mod last_words;
pub mod now;
mod provider;
mod scripts;
mod server;
mod shown;
mod systemd;
pub mod timeline;
mod transfer;
mod unreached;

use attempt::{Attempt, attempts, without_a_finished_transfer};

use crate::kernel::explain::{Cause, Logs};
use crate::kernel::run::event::Explanation;
pub use shown::{relevant, shown};

const CAUSES: [&[Cause]; 10] = [
    history::CAUSES,
    data::CAUSES,
    innodb::CAUSES,
    corruption::CAUSES,
    server::CAUSES,
    provider::CAUSES,
    transfer::CAUSES,
    scripts::CAUSES,
    group::CAUSES,
    systemd::CAUSES,
];

/// Tried when no table above matches: the last lines, which are the same whatever went wrong. The first table is
/// tried only for a start that did not succeed.
const VAGUE: [&[Cause]; 3] = [unreached::CAUSES, last_words::CAUSES, ended::CAUSES];

/// Every cause as the reference says it: its group, its name, and what happened.
pub fn documented() -> impl Iterator<Item = (&'static str, &'static str, &'static str)> {
    let groups = [
        ("history", history::DOCUMENTED),
        ("data directory", half::DOCUMENTED),
        ("data directory", data::DOCUMENTED),
        ("data directory", innodb::DOCUMENTED),
        ("data directory", corruption::DOCUMENTED),
        ("server", server::DOCUMENTED),
        ("server", provider::DOCUMENTED),
        ("state transfer", transfer::DOCUMENTED),
        ("state transfer", scripts::DOCUMENTED),
        ("cluster not found", group::DOCUMENTED),
        ("systemd", systemd::DOCUMENTED),
        ("last words", unreached::DOCUMENTED),
        ("last words", last_words::DOCUMENTED),
        ("last words", ended::DOCUMENTED),
        ("no failure", now::DOCUMENTED),
    ];
    groups.into_iter().flat_map(|(group, causes)| causes.iter().map(move |(slug, doc)| (group, *slug, *doc)))
}

/// Which of a server's starts are searched.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Starts {
    /// The last one, because it has not ended.
    Newest,
    /// All of them, the last one first.
    All,
}

/// The cause that the logs show, if it is a known one. `own` are the node's logs, its server's first;
/// `others` are those of all other nodes. Where there are none, `own` may be the log of a joiner or of a donor.
pub fn explain(own: &[&str], others: &[&str]) -> Option<Explanation> {
    explain_starts(Starts::All, own, others)
}

/// The same as [`explain`], but only in these starts.
pub fn explain_starts(starts: Starts, own: &[&str], others: &[&str]) -> Option<Explanation> {
    let (server, beside) = own.split_first().unwrap_or((&"", &[]));
    let beside: Vec<_> = beside.iter().flat_map(|log| log.lines()).collect();
    let others: Vec<_> = others.iter().flat_map(|log| log.lines()).collect();
    let mut vague = None;
    let mut after: Option<Explanation> = None;
    let most = if starts == Starts::Newest { 1 } else { usize::MAX };
    for Attempt { lines, came_up } in attempts(server).into_iter().take(most) {
        // The server came up, so earlier lines of other nodes and of scripts were no obstacle.
        let own = if came_up { lines.clone() } else { [lines.clone(), beside.clone()].concat() };
        let own = without_a_finished_transfer(own);
        let alone = came_up || others.is_empty();
        let logs = Logs { others: if alone { &own } else { &others }, own: &own };
        let told = |causes: &[Cause]| causes.iter().find_map(|cause| cause.told(&logs));
        let last = || VAGUE.into_iter().skip(usize::from(came_up)).find_map(told);
        let found = CAUSES.into_iter().find_map(told);
        if let Some(damage) = after {
            return Some(half::received(damage, &lines, found.or_else(last)));
        }
        match found {
            Some(found) if half::may_be(&found) && starts == Starts::All => after = Some(found),
            Some(found) => return Some(found),
            None => vague = vague.or_else(last).filter(|it| said(starts, it)),
        }
    }
    after.or(vague)
}

/// A start that has not ended has not failed, so its last lines are no cause, except that it waits for a donor.
fn said(starts: Starts, last: &Explanation) -> bool {
    starts == Starts::All || last.slug == "no-free-donor"
}

/// The lines of a server's last start.
pub fn newest_start(server: &str) -> Vec<&str> {
    attempts(server).into_iter().next().unwrap_or_default().lines
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::kernel::explain::pattern;

    fn slug(own: &[&str], others: &[&str]) -> Option<String> {
        explain(own, others).map(|explanation| explanation.slug)
    }

    const STARTED: &str = "Starting mariadb.service - MariaDB 10.11.19 database server...";
    const LAST_WORDS: &str = "0 [ERROR] WSREP: Will never receive state. Need to abort.";
    const DONORS: &str =
        "[00] Failed to connect to MariaDB server: Access denied for user 'sst'@'localhost'.";
    const NO_PROGRAM: &str = "WSREP_SST: [ERROR] 'socat' not found in path (20261123 16:46:12.124)";

    #[test]
    fn the_donors_reason_wins_over_the_joiners_last_words() {
        assert_eq!(slug(&[LAST_WORDS], &[DONORS]).unwrap(), "sst-login");
        assert_eq!(slug(&[LAST_WORDS], &[]).unwrap(), "transfer-failed");
        assert_eq!(slug(&["[Note] all is well"], &["[Note] here, too"]), None);
    }

    #[test]
    fn the_last_start_is_asked_first() {
        let log = [STARTED, NO_PROGRAM, STARTED, "[ERROR] x: unknown variable 'y=1'"].join("\n");
        assert_eq!(slug(&[&log], &[]).unwrap(), "unknown-option");
        let log = [STARTED, NO_PROGRAM, STARTED, LAST_WORDS].join("\n");
        assert_eq!(slug(&[&log], &[]).unwrap(), "missing-program");
    }

    #[test]
    fn who_tried_to_connect_to_a_member_hindered_nothing() {
        let stranger = "[Note] WSREP: Failed to establish connection: certificate verify failed: self signed";
        assert_eq!(slug(&[stranger], &[]).unwrap(), "tls-certificate");
        let up = "Server status change initialized -> joined\nServer status change joined -> synced";
        assert_eq!(slug(&[&[up, stranger].join("\n")], &[]), None);
    }

    #[test]
    fn damage_after_a_transfer_that_broke_off_is_half_of_a_copy() {
        let begins = "[Note] WSREP: Running: 'wsrep_sst_rsync --role 'joiner' --address '192.0.2.12'";
        let killed = "mariadb.service: start operation timed out. Terminating.";
        let damage = "[ERROR] InnoDB: Plugin initialization aborted with error Data structure corruption";
        let log = [STARTED, begins, killed, STARTED, damage].join("\n");
        let found = explain(&[&log], &[]).unwrap();
        assert_eq!(found.slug, "half-received");
        assert!(found.cause.contains("TimeoutStartSec") && found.next.contains("--discard"), "{found:?}");
        let whole = [STARTED, begins, "[Note] WSREP: SST received: 1-2:3", STARTED, damage].join("\n");
        assert_eq!(slug(&[&whole], &[]).unwrap(), "damaged-data");
        assert_eq!(slug(&[damage], &[]).unwrap(), "damaged-data");
    }

    #[test]
    fn every_sentence_can_be_filled() {
        for cause in CAUSES.into_iter().chain(VAGUE).flatten() {
            let caught: Vec<_> =
                cause.told_by.iter().flat_map(|told| pattern::places(told.pattern)).collect();
            for place in pattern::places(cause.cause).chain(pattern::places(cause.next)) {
                assert!(place == "inventory" || caught.contains(&place), "{}: {place}", cause.slug);
            }
        }
    }

    /// The reader has just run `galactl explain`: no remedy may send them back to it.
    #[test]
    fn no_cause_leads_back_to_the_explanation() {
        for cause in CAUSES.into_iter().chain(VAGUE).flatten() {
            assert!(!cause.next.contains("galactl explain"), "{}: {}", cause.slug, cause.next);
            assert!(!cause.next.contains("same command"), "{}: {}", cause.slug, cause.next);
        }
    }

    #[test]
    fn every_cause_is_documented_once() {
        let causes: Vec<_> = CAUSES.into_iter().chain(VAGUE).flatten().collect();
        for cause in &causes {
            let docs = documented().filter(|(_, slug, _)| *slug == cause.slug).count();
            assert_eq!(docs, 1, "{}", cause.slug);
        }
        for (_, slug, _) in documented() {
            let elsewhere =
                ["nothing-to-join", "half-received", "transfer-running", "starting"].contains(&slug);
            assert!(elsewhere || causes.iter().any(|cause| cause.slug == slug), "{slug}");
        }
    }
}
