//! sysbench's own workloads: how it is called, and what it prints.
//!
//! What it prints is described in sysbench's source (sb_report.c, sb_histogram.c, version 1.0.20).

use std::collections::BTreeMap;
use std::path::Path;
use std::time::Duration;

use super::samples::Samples;

/// Errors of a server after which sysbench begins the transaction again; with any other it ends.
const IGNORED: &str = "1213,1205,1047,1020,1180";
/// Seconds that statements may take after the end of the time.
const PATIENCE: u64 = 30;
/// Kinds of errors that are kept.
const MOST_ERRORS: usize = 20;
/// Transactions that wait for their turn at a rate; sysbench ends where there are more (MAX_QUEUE_LEN in its sources).
pub const QUEUE: u64 = 100_000;

/// One of its workloads.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Test(pub &'static str);

/// What a call of sysbench has besides its account.
#[derive(Debug, Clone, Copy)]
pub struct Call {
    pub clients: usize,
    pub seconds: u64,
    /// Most transactions a second of all its clients; `None`: as many as there are.
    pub rate: Option<u32>,
    pub rows: u64,
    pub seed: u64,
}

/// Where it connects to.
pub enum To<'a> {
    Socket(&'a Path),
    Address(&'a str, u16),
}

/// The arguments for one writer; `command` is `prepare` or `run`. The password is none of them.
///
/// The rows have their numbers from sysbench (`auto_inc`): a cluster gives every so many-th only, and transactions would look
/// for rows that are not there.
pub fn arguments(test: Test, command: &str, call: Call, to: &To<'_>, database: &str) -> Vec<String> {
    let mut words = vec![
        test.0.to_owned(),
        "--db-driver=mysql".to_owned(),
        format!("--mysql-user={database}"),
        format!("--mysql-db={database}"),
        format!("--mysql-ignore-errors={IGNORED}"),
        // A server logs a prepared statement without its values, so that no conflict would tell its row.
        "--db-ps-mode=disable".to_owned(),
        "--auto_inc=off".to_owned(),
        "--tables=1".to_owned(),
        format!("--table-size={}", call.rows),
        format!("--rand-seed={}", call.seed),
    ];
    words.extend(match to {
        To::Socket(path) => vec![format!("--mysql-socket={}", path.display())],
        To::Address(host, port) => vec![format!("--mysql-host={host}"), format!("--mysql-port={port}")],
    });
    if command == "run" {
        words.extend([
            format!("--threads={}", call.clients),
            format!("--time={}", call.seconds),
            "--events=0".to_owned(),
            "--report-interval=1".to_owned(),
            "--histogram=on".to_owned(),
            format!("--forced-shutdown={PATIENCE}"),
        ]);
        words.extend(call.rate.map(|rate| format!("--rate={}", rate.max(1))));
    }
    words.push(command.to_owned());
    words
}

/// What stands in the configuration that sysbench reads on its standard input.
pub fn configuration(password: &str) -> String {
    format!("mysql-password={password}\n")
}

/// The lines of one run, as they come.
#[derive(Debug, Default)]
pub struct Output {
    /// Transactions and the 95th percentile, by second.
    seconds: Vec<(f64, f64)>,
    /// Errors by second, which it has ignored.
    ignored: f64,
    /// The same of the whole run.
    all_ignored: Option<u64>,
    /// Milliseconds, and how many transactions took so long.
    histogram: Vec<(f64, u64)>,
    errors: BTreeMap<String, u64>,
    /// The first of them.
    first: Option<String>,
}

impl Output {
    /// Takes a line; gives the transactions of a second that has ended.
    pub fn line(&mut self, line: &str) -> Option<f64> {
        if let Some(second) = second(line) {
            self.seconds.push((second.tps, second.p95));
            self.ignored += second.errors;
            return Some(second.tps);
        }
        if let Some(error) = line.strip_prefix("FATAL: ") {
            self.error(error);
        } else if let Some(rest) = line.trim_start().strip_prefix("ignored errors:") {
            self.all_ignored = rest.split_whitespace().next().and_then(|number| number.parse().ok());
        } else {
            self.histogram.extend(bar(line));
        }
        None
    }

    fn error(&mut self, error: &str) {
        // Behind it stands the statement; and then, in which function that was.
        let error = error.split(" for query ").next().unwrap_or_default().trim().to_owned();
        if error.starts_with("`thread_") {
            return;
        }
        if self.errors.len() < MOST_ERRORS || self.errors.contains_key(&error) {
            *self.errors.entry(error.clone()).or_default() += 1;
        }
        self.first.get_or_insert(error);
    }

    /// The first error that it has told.
    pub fn complaint(&self) -> Option<&str> {
        self.first.as_deref()
    }

    /// What its clients saw. A run that ended before its time has no histogram: of each second, all transactions count as its
    /// 95th percentile.
    pub fn samples(&self) -> Samples {
        let mut samples = Samples::default();
        if self.histogram.is_empty() {
            self.seconds.iter().for_each(|(tps, p95)| samples.took(milliseconds(*p95), rounded(*tps)));
        } else {
            self.histogram.iter().for_each(|(took, times)| samples.took(milliseconds(*took), *times));
        }
        samples.by_second = self.seconds.iter().map(|(tps, _)| rounded(*tps)).collect();
        samples.repeats = self.all_ignored.unwrap_or_else(|| rounded(self.ignored));
        for (text, times) in &self.errors {
            (0..*times).for_each(|_| samples.error(text.clone(), format!("sysbench: {text}")));
        }
        samples
    }
}

struct Second {
    tps: f64,
    p95: f64,
    errors: f64,
}

/// `[ 1s ] thds: 2 tps: 93.77 qps: 1893.27 (r/w/o: …) lat (ms,95%): 34.33 err/s: 0.00 reconn/s: 0.00`
fn second(line: &str) -> Option<Second> {
    let (_, rest) = line.strip_prefix("[ ")?.split_once("s ] ")?;
    let number = |name: &str| {
        let value = rest.split_once(name)?.1.split_whitespace().next()?;
        value.parse::<f64>().ok().filter(|it| it.is_finite() && *it >= 0.0)
    };
    Some(Second { tps: number("tps: ")?, p95: number("lat (ms,95%): ")?, errors: number("err/s: ")? })
}

/// `      10.651 |***                                      5`
fn bar(line: &str) -> Option<(f64, u64)> {
    let (value, rest) = line.split_once('|')?;
    let value = value.trim().parse::<f64>().ok().filter(|it| it.is_finite() && *it >= 0.0)?;
    Some((value, rest.trim_start_matches('*').trim().parse().ok()?))
}

fn milliseconds(value: f64) -> Duration {
    Duration::try_from_secs_f64(value / 1000.0).unwrap_or_default()
}

#[allow(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "a count, which is never negative"
)]
pub fn rounded(value: f64) -> u64 {
    value.round() as u64
}
