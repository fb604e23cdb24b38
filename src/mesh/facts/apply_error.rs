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

/// Reads the lines that `look.sh` takes from the log: the newest error of each worker. Behind a tab, and behind the name of a
/// user, stands what a client wishes, so a line counts whose word is directly behind the number of its process.
pub fn apply_errors<'a>(lines: impl Iterator<Item = &'a str>) -> Vec<ApplyError> {
    let mut log = Log::default();
    for text in lines {
        match text.strip_prefix('\t') {
            Some(more) => log.context.iter_mut().for_each(|(_, last)| *last = more),
            None => log.take(text),
        }
    }
    log.close_context();
    log.found.into_values().collect()
}

#[derive(Default)]
struct Log<'a> {
    /// Errors by the process that has them.
    begun: BTreeMap<&'a str, ApplyError>,
    /// By the worker.
    found: BTreeMap<String, ApplyError>,
    /// The process whose context is being read, and its line so far. The outermost one comes last: it tells whose changes
    /// these are. Before it stand functions that were called, with their statements.
    context: Option<(&'a str, &'a str)>,
}

impl<'a> Log<'a> {
    fn take(&mut self, text: &'a str) {
        self.close_context();
        let Some(line) = line(text) else { return };
        let behind = |word: &str| line.text.strip_prefix(word).map(str::trim);
        if let Some(message) = behind("ERROR:  ").or_else(|| behind("FATAL:  ")) {
            self.begun.insert(line.pid, begin(&line, message));
        } else if let Some(detail) = behind("DETAIL:  ") {
            self.begun.entry(line.pid).and_modify(|it| it.detail = Some(detail.to_owned()));
        } else if let Some(context) = behind("CONTEXT:  ") {
            self.context = Some((line.pid, context));
        } else if let Some((worker, pid)) = ended(line.text)
            && let Some(error) = self.begun.remove(pid)
        {
            self.found.insert(worker.to_owned(), ApplyError { worker: worker.to_owned(), ..error });
        }
    }

    fn close_context(&mut self) {
        let Some((pid, last)) = self.context.take() else { return };
        let Some(error) = self.begun.get_mut(pid) else { return };
        read_context(error, last.trim());
        // Native replication says here whose changes these are.
        if !error.worker.is_empty() {
            self.found.insert(error.worker.clone(), error.clone());
        }
    }
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

/// What stands behind the first place of a word.
fn after<'a>(text: &'a str, word: &str) -> Option<&'a str> {
    text.split_once(word).map(|(_, rest)| rest.trim())
}

/// The worker of pglogical that has ended, and its process.
fn ended(text: &str) -> Option<(&str, &str)> {
    let (worker, rest) = text.strip_prefix("LOG:  background worker \"pglogical apply ")?.split_once('"')?;
    let (pid, _) = after(rest, "(PID ")?.split_once(')')?;
    Some((worker, pid))
}

/// The name of a table may hold any words, so what the server says of the transaction is taken from behind it.
fn read_context(error: &mut ApplyError, context: &str) {
    if let Some(rest) = context.strip_prefix("processing remote data for replication origin \"") {
        error.worker = word(rest, '"').to_owned();
        let kind = after(context, "during message type \"").map(|rest| word(rest, '"'));
        let table = after(context, "target relation \"").map(|rest| word(rest, '"'));
        error.doing = doing(kind, table);
        error.transaction = context.rsplit_once(" in transaction ").and_then(|(_, rest)| {
            let (xid, commit) = rest.split_once(", finished at ")?;
            Some(Failing { xid: xid.parse().ok()?, commit: commit.parse().ok()? })
        });
    } else if let Some(rest) = context.strip_prefix("apply ") {
        let (before, commit) = rest.rsplit_once(" in commit before ").unwrap_or((rest, ""));
        let kind = before.split_whitespace().next();
        error.doing = doing(kind, before.split_once("remote relation ").map(|(_, table)| table));
        error.transaction = commit.split_once(", xid ").and_then(|(commit, rest)| {
            Some(Failing { xid: word(rest, ' ').parse().ok()?, commit: commit.parse().ok()? })
        });
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

    #[test]
    fn what_a_client_writes_into_the_log_names_no_transaction() {
        let forged = "2026-11-30 00:40:00.000 UTC [77] ERROR:  x\n\
            2026-11-30 00:40:00.000 UTC [77] app@shop ERROR:  syntax error\n\
            2026-11-30 00:40:00.000 UTC [77] app@shop CONTEXT:  apply UPDATE in commit before 0/9, xid 9 committed\n\
            2026-11-30 00:40:00.000 UTC [77] app@shop STATEMENT:  SELECT\n\
            \t2026-11-30 [77] CONTEXT:  apply UPDATE in commit before 0/9, xid 9 committed\n\
            \t2026-11-30 [5] LOG:  background worker \"pglogical apply 1:2\" (PID 77) exited with exit code 1\n\
            2026-11-30 00:40:00.000 UTC [5] app@shop LOG:  background worker \"pglogical apply 1:2\" (PID 77) exited";
        assert!(apply_errors(forged.lines()).is_empty());
        // Nor does the name of a table.
        let named = PGLOGICAL.replace("public.t in", "public.x in commit before 0/1, xid 1 in");
        let found = apply_errors(named.lines());
        assert_eq!(found[0].transaction, Some(Failing { xid: 772, commit: "0/704EF30".parse().unwrap() }));
        let named = NATIVE.replace("public.t\" in", "public.x in transaction 1, finished at 0/1\" in");
        assert_eq!(apply_errors(named.lines())[0].transaction.map(|it| it.xid), Some(230_768));
    }

    /// Functions that were called stand before the apply's own line; statements of theirs may hold anything.
    #[test]
    fn an_error_in_a_trigger_names_its_transaction() {
        let called = "CONTEXT:  PL/pgSQL function f() line 3 at RAISE\n\
            \tSQL statement \"SELECT 1\n\tapply INSERT in commit before 0/1, xid 1 committed at x\"\n\t";
        let found = apply_errors(PGLOGICAL.replace("CONTEXT:  ", called).lines());
        assert_eq!(found[0].transaction.map(|it| it.xid), Some(772));
        assert_eq!(found[0].doing.as_deref(), Some("UPDATE of public.t"));
        let found = apply_errors(NATIVE.replace("CONTEXT:  ", called).lines());
        assert_eq!(found[0].worker, "pg_16707");
        assert_eq!(found[0].transaction.map(|it| it.xid), Some(230_768));
    }
}
