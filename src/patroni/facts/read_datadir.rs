//! What `datadir.sh` prints of the data directory → [`Datadir`].

use std::collections::BTreeMap;

use super::datadir::{Contents, Datadir, WalFile};
use super::history::History;
use super::read_control::control;
use crate::kernel::facts::Answer;
use crate::kernel::facts::{Malformed, Report};
use crate::postgresql::Timeline;

/// Errors: the report does not tell the path or what is in it.
pub fn datadir(report: &Report) -> Result<Datadir, Malformed> {
    let pairs = report.pairs("datadir");
    let word = |key: &str| pairs.get(key).cloned();
    let all = |key: &'static str| {
        report
            .lines("datadir")
            .filter_map(move |line| line.strip_prefix(key)?.strip_prefix('='))
            .map(str::to_owned)
    };
    let has = |file: &str| all("file").any(|it| it == file);
    Ok(Datadir {
        path: word("path").ok_or(Malformed("no data directory in it"))?,
        contents: contents(&pairs, all("name").collect())?,
        missing: word("missing"),
        mount_point: word("mount_point").is_some(),
        owner: word("owner").unwrap_or_default(),
        bytes: word("bytes").and_then(|it| it.parse().ok()),
        free: word("free").and_then(|it| it.parse().ok()).unwrap_or_default(),
        size: word("size").and_then(|it| it.parse().ok()),
        control: control(report),
        standby_signal: has("standby.signal"),
        recovery_signal: has("recovery.signal"),
        backup_label: has("backup_label"),
        postmaster_pid: word("postmaster_pid").and_then(|it| it.parse().ok()),
        histories: histories(report),
        first_records: first_records(report),
        newest_wal: report.lines("newest_wal").next().and_then(wal_file),
        patroni_dynamic: has("patroni.dynamic.json"),
        kept: all("kept").collect(),
    })
}

fn contents(pairs: &BTreeMap<String, String>, names: Vec<String>) -> Result<Contents, Malformed> {
    let word = |key: &str| pairs.get(key).cloned().unwrap_or_default();
    Ok(match word("contents").as_str() {
        "absent" => Contents::Absent,
        "empty" => Contents::Empty,
        "cluster" => Contents::Cluster(word("version")),
        "other" => Contents::Other(names),
        "unreadable" => Contents::Unreadable(word("why")),
        _ => return Err(Malformed("it does not tell what is in the data directory")),
    })
}

/// Reads the sections `first/0000000E`.
pub fn first_records(report: &Report) -> BTreeMap<Timeline, String> {
    let one = |(name, text): (&str, &str)| {
        let record = text.lines().find(|line| line.starts_with("rmgr:"))?;
        Some((Timeline::of_file(name)?, record.to_owned()))
    };
    report.named("first/").filter_map(one).collect()
}

fn wal_file(name: &str) -> Option<WalFile> {
    Some(WalFile { timeline: Timeline::of_file(name)?, name: name.to_owned() })
}

fn histories(report: &Report) -> BTreeMap<Timeline, Answer<History>> {
    let sections = report.named("history/");
    let one = |(name, text): (&str, &str)| {
        let history = History::parse(text).map_or_else(|why| Answer::Unseen(why.to_string()), Answer::Told);
        Some((Timeline::of_file(name)?, history))
    };
    sections.filter_map(one).collect()
}
