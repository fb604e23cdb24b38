//! What a server's log tells of changes of another node that it cannot apply.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::postgresql::Lsn;

/// The newest error of one worker that applies changes.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ApplyError {
    /// Which worker, as [`Subscription::worker`](super::Subscription::worker) has it.
    pub worker: String,
    /// When it was logged, as the log writes it.
    pub at: String,
    pub message: String,
    pub detail: Option<String>,
    /// What it was doing, such as `UPDATE of public.t`.
    pub doing: Option<String>,
    /// The transaction of the provider that cannot be applied; `None`: the log names none.
    pub transaction: Option<Failing>,
}

/// A transaction of the provider, as the log of the reader names it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Failing {
    pub xid: u64,
    /// Where its commit begins in the provider's WAL.
    pub commit: Lsn,
}

/// A line of PostgreSQL's log with Debian's prefix.
struct Line<'a> {
    at: &'a str,
    pid: &'a str,
    text: &'a str,
}

/// Reads the lines that `look.sh` takes from the log: the newest error of each worker.
pub fn apply_errors<'a>(lines: impl Iterator<Item = &'a str>) -> Vec<ApplyError> {
    let (mut begun, mut found) = (BTreeMap::new(), BTreeMap::new());
    for line in lines.filter_map(line) {
        if let Some(message) = after(line.text, "ERROR:  ").or_else(|| after(line.text, "FATAL:  ")) {
            begun.insert(line.pid, begin(&line, message));
        } else if let Some(detail) = after(line.text, "DETAIL:  ") {
            begun.entry(line.pid).and_modify(|it: &mut ApplyError| it.detail = Some(detail.to_owned()));
        } else if let Some(context) = after(line.text, "CONTEXT:  ") {
            let Some(error) = begun.get_mut(line.pid) else { continue };
            read_context(error, context);
            // Native replication says here whose changes these are.
            if !error.worker.is_empty() {
                found.insert(error.worker.clone(), error.clone());
            }
        } else if let Some((worker, pid)) = ended(line.text)
            && let Some(error) = begun.remove(pid)
        {
            found.insert(worker.to_owned(), ApplyError { worker: worker.to_owned(), ..error });
        }
    }
    found.into_values().collect()
}

fn line(text: &str) -> Option<Line<'_>> {
    let (at, rest) = text.split_once('[')?;
    let (pid, text) = rest.split_once(']')?;
    let is_number = !pid.is_empty() && pid.bytes().all(|it| it.is_ascii_digit());
    is_number.then(|| Line { at: at.trim(), pid, text: text.trim_start() })
}

fn begin(line: &Line<'_>, message: &str) -> ApplyError {
    ApplyError {
        worker: String::new(),
        at: line.at.to_owned(),
        message: message.to_owned(),
        detail: None,
        doing: None,
        transaction: None,
    }
}

/// What stands behind a word, which may have a prefix of the user's own before it.
fn after<'a>(text: &'a str, word: &str) -> Option<&'a str> {
    text.split_once(word).map(|(_, rest)| rest.trim())
}

/// The worker of pglogical that has ended, and its process.
fn ended(text: &str) -> Option<(&str, &str)> {
    let (worker, rest) = after(text, "background worker \"pglogical apply ")?.split_once('"')?;
    let (pid, _) = after(rest, "(PID ")?.split_once(')')?;
    Some((worker, pid))
}

fn read_context(error: &mut ApplyError, context: &str) {
    if let Some(rest) = after(context, "processing remote data for replication origin \"") {
        error.worker = word(rest, '"').to_owned();
        let kind = after(context, "during message type \"").map(|rest| word(rest, '"'));
        let table = after(context, "target relation \"").map(|rest| word(rest, '"'));
        error.doing = doing(kind, table);
        let xid = after(context, "in transaction ").and_then(number);
        let commit = after(context, "finished at ").and_then(position);
        error.transaction = xid.zip(commit).map(|(xid, commit)| Failing { xid, commit });
    } else if let Some(rest) = context.strip_prefix("apply ") {
        let kind = rest.split_whitespace().next();
        let table = after(rest, "remote relation ").and_then(|rest| rest.split(" in commit before").next());
        error.doing = doing(kind, table);
        let commit = after(rest, "in commit before ").and_then(position);
        let xid = after(rest, "xid ").and_then(number);
        error.transaction = xid.zip(commit).map(|(xid, commit)| Failing { xid, commit });
    }
}

fn doing(kind: Option<&str>, table: Option<&str>) -> Option<String> {
    match (kind, table) {
        (Some(kind), Some(table)) => Some(format!("{kind} of {table}")),
        (kind, _) => kind.map(str::to_owned),
    }
}

fn word(text: &str, end: char) -> &str {
    text.split(end).next().unwrap_or_default()
}

fn number(text: &str) -> Option<u64> {
    word(text, ' ').trim_end_matches(',').parse().ok()
}

fn position(text: &str) -> Option<Lsn> {
    text.split([',', ' ']).next()?.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// As PostgreSQL 17.12 with pglogical 2.4.5 has logged it.
    const PGLOGICAL: &str = r#"
2026-11-30 00:32:07.655 UTC [584] ERROR:  duplicate key value violates unique constraint "t_u_key"
2026-11-30 00:32:07.655 UTC [584] DETAIL:  Key (u)=(600) already exists.
2026-11-30 00:32:07.655 UTC [584] CONTEXT:  apply UPDATE from remote relation public.t in commit before 0/704EF30, xid 772 committed at 2026-11-30 00:32:07.654536+00 (action #3) from node replorigin 1
2026-11-30 00:32:07.655 UTC [584] LOG:  apply worker [584] at slot 2 generation 1 exiting with error
2026-11-30 00:32:07.660 UTC [549] LOG:  background worker "pglogical apply 16386:3670811681" (PID 584) exited with exit code 1
"#;

    /// As PostgreSQL 17.12 has logged it, two errors of one subscription and one of a client.
    const NATIVE: &str = r#"
2026-11-30 00:10:00.000 UTC [90] ERROR:  relation "nothing" does not exist
2026-11-30 00:10:01.000 UTC [91] ERROR:  logical replication target relation "public.t" is missing replicated column: "extra"
2026-11-30 00:10:01.000 UTC [91] CONTEXT:  processing remote data for replication origin "pg_16707" during message type "INSERT" in transaction 230789, finished at 0/9E863F8
2026-11-30 00:10:06.000 UTC [92] ERROR:  duplicate key value violates unique constraint "t_pkey"
2026-11-30 00:10:06.000 UTC [92] DETAIL:  Key (id)=(10) already exists.
2026-11-30 00:10:06.000 UTC [92] CONTEXT:  processing remote data for replication origin "pg_16707" during message type "INSERT" for replication target relation "public.t" in transaction 230768, finished at 0/9E6BAE0
"#;

    #[test]
    fn an_error_of_pglogical_is_its_workers_own() {
        let found = apply_errors(PGLOGICAL.lines());
        assert_eq!(found.len(), 1, "{found:?}");
        let error = &found[0];
        assert_eq!(error.worker, "16386:3670811681");
        assert_eq!(error.at, "2026-11-30 00:32:07.655 UTC");
        assert_eq!(error.message, r#"duplicate key value violates unique constraint "t_u_key""#);
        assert_eq!(error.detail.as_deref(), Some("Key (u)=(600) already exists."));
        assert_eq!(error.doing.as_deref(), Some("UPDATE of public.t"));
        assert_eq!(error.transaction, Some(Failing { xid: 772, commit: "0/704EF30".parse().unwrap() }));
    }

    #[test]
    fn an_error_without_a_context_names_no_transaction() {
        let text = "2026-11-30 00:00:00 UTC [7] ERROR:  unknown column name x1\n\
                    2026-11-30 00:00:00 UTC [5] LOG:  background worker \"pglogical apply 1:2\" (PID 7) exited with exit code 1";
        let found = apply_errors(text.lines());
        assert_eq!((found[0].worker.as_str(), found[0].transaction), ("1:2", None));
        // A worker that ended without an error, and lines of something else.
        assert!(
            apply_errors("x [5] LOG:  background worker \"pglogical apply 1:2\" (PID 8) exited".lines())
                .is_empty()
        );
        assert!(apply_errors("[] ERROR:  a\n[5 ERROR:  b\nERROR:  c".lines()).is_empty());
    }

    #[test]
    fn the_newest_error_of_a_native_subscription_counts() {
        let found = apply_errors(NATIVE.lines());
        assert_eq!(found.len(), 1, "{found:?}");
        assert_eq!(found[0].worker, "pg_16707");
        assert_eq!(found[0].doing.as_deref(), Some("INSERT of public.t"));
        assert_eq!(
            found[0].transaction,
            Some(Failing { xid: 230_768, commit: "0/9E6BAE0".parse().unwrap() })
        );
        let first: Vec<_> = NATIVE.lines().take(4).collect();
        let found = apply_errors(first.into_iter());
        assert_eq!(found[0].doing.as_deref(), Some("INSERT"));
        assert_eq!(found[0].transaction.map(|it| it.xid), Some(230_789));
    }
}
