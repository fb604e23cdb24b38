//! The report about all writes.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use serde::Serialize;

use super::attempt::{Attempt, Outcome};
use super::timeline::Timeline;
use crate::kernel::model::NodeName;
use crate::kernel::model::words::{count, names};

/// What was read of the rows on each node at the end; `None`: the node is no Synced member, or gave no answer.
pub type Rows = BTreeMap<NodeName, Option<BTreeSet<u64>>>;

/// What became of the writes.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Report {
    /// Where the writes went.
    pub through: Vec<NodeName>,
    pub seconds: f64,
    pub confirmed: usize,
    pub failed: usize,
    /// Rows that exist although their writes were reported as failed.
    pub failed_found: usize,
    /// Writes whose answer never came.
    pub unknown: usize,
    pub unknown_found: usize,
    /// Confirmed rows that a node lacks.
    pub lost: Vec<Lost>,
    /// Nodes whose rows were read.
    pub read_on: Vec<NodeName>,
    pub not_read: Vec<NodeName>,
    pub longest_stall: Option<Stall>,
    pub errors: Vec<ErrorKind>,
    /// The name of a database and an account that could not be removed, or were kept for the rows that are lost.
    pub left: Option<String>,
}

/// Confirmed rows that a node lacks.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Lost {
    pub node: NodeName,
    pub rows: Vec<u64>,
}

/// The longest time without a confirmed write.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Stall {
    pub seconds: f64,
    /// The steps that were under way.
    pub during: Vec<String>,
}

/// Errors with the same text.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct ErrorKind {
    pub times: usize,
    pub error: String,
    /// The steps that were under way at the first of them.
    pub during: Vec<String>,
}

impl Report {
    /// Adds up what came of the attempts, in their order. `seconds`: how long the writer was at work.
    pub fn of(
        through: Vec<NodeName>,
        attempts: &[Attempt],
        rows: &Rows,
        timeline: &Timeline,
        seconds: Duration,
    ) -> Self {
        let numbers = |is: fn(&Outcome) -> bool| -> BTreeSet<u64> {
            attempts.iter().filter(|it| is(&it.outcome)).map(|it| it.number).collect()
        };
        let confirmed = numbers(|it| matches!(it, Outcome::Confirmed));
        let unknown = numbers(|it| matches!(it, Outcome::Unknown(_)));
        let failed = numbers(|it| matches!(it, Outcome::Failed(_)));
        let read = || rows.iter().filter_map(|(node, rows)| Some((node, rows.as_ref()?)));
        let lost = read().filter_map(|(node, rows)| {
            let missing: Vec<u64> = confirmed.difference(rows).copied().collect();
            (!missing.is_empty()).then(|| Lost { node: node.clone(), rows: missing })
        });
        let found = |number: &&u64| read().any(|(_, rows)| rows.contains(number));
        Self {
            through,
            seconds: seconds.as_secs_f64(),
            failed_found: failed.iter().filter(found).count(),
            failed: failed.len(),
            unknown_found: unknown.iter().filter(found).count(),
            unknown: unknown.len(),
            lost: lost.collect(),
            read_on: read().map(|(node, _)| node.clone()).collect(),
            not_read: rows.iter().filter(|(_, rows)| rows.is_none()).map(|(node, _)| node.clone()).collect(),
            longest_stall: longest_stall(attempts, timeline, seconds),
            errors: errors(attempts, timeline),
            left: None,
            confirmed: confirmed.len(),
        }
    }

    /// There were confirmed rows, and at least one node was asked for them.
    pub fn proves(&self) -> bool {
        self.confirmed > 0 && !self.read_on.is_empty()
    }

    /// A confirmed row is missing.
    pub fn lost_any(&self) -> bool {
        !self.lost.is_empty()
    }

    /// The report as text.
    pub fn text(&self) -> String {
        let through = match self.through.is_empty() {
            true => String::new(),
            false => format!(" through {}", names(&self.through, "and")),
        };
        let mut lines = vec![format!(
            "ledger: {}{through} in {:.0} s: {} confirmed, {} failed{}, {} unknown{}",
            count(self.confirmed + self.failed + self.unknown, "write"),
            self.seconds,
            self.confirmed,
            self.failed,
            there(self.failed_found > 0, self.failed_found),
            self.unknown,
            there(self.unknown > 0, self.unknown_found),
        )];
        if self.proves() && self.lost.is_empty() {
            lines.push(format!(
                "  nothing is lost: every confirmed row is on {}",
                names(&self.read_on, "and")
            ));
        }
        for lost in &self.lost {
            let rows: Vec<_> = lost.rows.iter().take(5).map(ToString::to_string).collect();
            lines.push(format!(
                "  LOST: {} lacks {}: {}",
                lost.node,
                count(lost.rows.len(), "confirmed row"),
                rows.join(", ")
            ));
        }
        if !self.not_read.is_empty() {
            lines.push(format!(
                "  not read, because they do not answer as Synced members: {}",
                names(&self.not_read, "and")
            ));
        }
        if let Some(stall) = &self.longest_stall {
            lines.push(format!(
                "  longest time without a confirmed write: {:.1} s{}",
                stall.seconds,
                during(&stall.during)
            ));
        }
        let error = |it: &ErrorKind| format!("  {} x {}{}", it.times, it.error, during(&it.during));
        lines.extend(self.errors.iter().map(error));
        lines.extend(
            self.left.iter().map(|name| format!("  left: the database {name} and the account {name}@'%'")),
        );
        lines.join("\n")
    }
}

/// How many of some rows exist, in words; empty where that needs no mention.
fn there(told: bool, found: usize) -> String {
    if told { format!(" (there: {found})") } else { String::new() }
}

fn during(steps: &[String]) -> String {
    if steps.is_empty() { String::new() } else { format!(", during {}", steps.join(", ")) }
}

/// The longest time from one confirmation to the next, or to the end.
fn longest_stall(attempts: &[Attempt], timeline: &Timeline, end: Duration) -> Option<Stall> {
    let confirmed = attempts.iter().filter(|it| it.outcome == Outcome::Confirmed).map(|it| it.at + it.took);
    let ends: Vec<Duration> = confirmed.chain([end]).collect();
    let begin = attempts.first().map_or(Duration::ZERO, |first| first.at);
    let starts = std::iter::once(begin).chain(ends.iter().copied());
    let longest = starts.zip(&ends).max_by_key(|(from, to)| to.saturating_sub(*from));
    longest.filter(|_| !attempts.is_empty()).map(|(from, to)| Stall {
        seconds: to.saturating_sub(from).as_secs_f64(),
        during: timeline.during(from, *to).into_iter().map(str::to_owned).collect(),
    })
}

fn errors(attempts: &[Attempt], timeline: &Timeline) -> Vec<ErrorKind> {
    let mut kinds: Vec<ErrorKind> = Vec::new();
    for attempt in attempts {
        let (Outcome::Failed(error) | Outcome::Unknown(error)) = &attempt.outcome else { continue };
        match kinds.iter_mut().find(|kind| kind.error == *error) {
            Some(kind) => kind.times += 1,
            None => {
                let during = timeline.during(attempt.at, attempt.at + attempt.took);
                let during = during.into_iter().map(str::to_owned).collect();
                kinds.push(ErrorKind { times: 1, error: error.clone(), during });
            }
        }
    }
    kinds.sort_by_key(|kind| std::cmp::Reverse(kind.times));
    kinds
}

#[cfg(test)]
mod tests {
    use super::*;

    fn attempt(number: u64, at: u64, took: u64, outcome: Outcome) -> Attempt {
        Attempt { number, at: Duration::from_secs(at), took: Duration::from_secs(took), outcome }
    }

    fn node(name: &str) -> NodeName {
        name.parse().unwrap()
    }

    fn attempts() -> Vec<Attempt> {
        vec![
            attempt(1, 0, 1, Outcome::Confirmed),
            attempt(2, 2, 1, Outcome::Unknown("lost connection".into())),
            attempt(3, 4, 2, Outcome::of_server(1213, "Deadlock")),
            attempt(4, 7, 1, Outcome::Confirmed),
        ]
    }

    fn timeline() -> Timeline {
        let mut timeline = Timeline::default();
        timeline.begin("db3/galera/leave", Duration::from_secs(1));
        timeline.end("db3/galera/leave", Duration::from_secs(3));
        timeline.begin("db3/galera/join", Duration::from_secs(3));
        timeline
    }

    fn report(rows: &Rows) -> Report {
        Report::of(vec![node("lb1")], &attempts(), rows, &timeline(), Duration::from_secs(9))
    }

    #[test]
    fn each_write_is_confirmed_failed_or_unknown() {
        let rows = Rows::from([(node("db1"), Some(BTreeSet::from([1, 2, 4]))), (node("db2"), None)]);
        let report = report(&rows);
        assert_eq!((report.confirmed, report.failed, report.unknown, report.unknown_found), (2, 1, 1, 1));
        assert!(!report.lost_any());
        let stall = report.longest_stall.clone().unwrap();
        assert_eq!((stall.seconds, stall.during.len()), (7.0, 2));
        insta::assert_snapshot!(report.text(), @r"
        ledger: 4 writes through lb1 in 9 s: 2 confirmed, 1 failed, 1 unknown (there: 1)
          nothing is lost: every confirmed row is on db1
          not read, because they do not answer as Synced members: db2
          longest time without a confirmed write: 7.0 s, during db3/galera/leave, db3/galera/join
          1 x lost connection, during db3/galera/leave, db3/galera/join
          1 x ERROR 1213: Deadlock, during db3/galera/join
        ");
    }

    #[test]
    fn a_confirmed_row_that_one_node_lacks_is_lost() {
        let rows = Rows::from([
            (node("db1"), Some(BTreeSet::from([1, 4]))),
            (node("db2"), Some(BTreeSet::from([1]))),
        ]);
        let report = report(&rows);
        assert_eq!(report.lost, [Lost { node: node("db2"), rows: vec![4] }]);
        assert!(report.text().contains("LOST: db2 lacks 1 confirmed row: 4"));
        assert_eq!(report.unknown_found, 0);
    }

    #[test]
    fn a_row_that_is_there_although_its_write_failed_is_told() {
        let rows = Rows::from([(node("db1"), Some(BTreeSet::from([1, 3, 4])))]);
        let report = report(&rows);
        assert_eq!((report.failed, report.failed_found), (1, 1));
        assert!(report.text().contains("1 failed (there: 1)"), "{}", report.text());
    }

    #[test]
    fn an_error_that_leaves_the_commit_open_is_unknown() {
        assert!(matches!(Outcome::of_server(1180, "Got error 6 during COMMIT"), Outcome::Unknown(_)));
        assert!(matches!(Outcome::of_server(1062, "Duplicate entry"), Outcome::Unknown(_)));
        assert!(matches!(Outcome::of_server(1047, "WSREP has not yet prepared"), Outcome::Failed(_)));
    }
}
