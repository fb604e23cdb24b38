//! The words of pg_controldata → [`ControlData`].

use super::control::{ControlData, DataState};
use crate::kernel::facts::Answer;
use crate::kernel::facts::Report;
use crate::postgresql::{Lsn, SystemId, Timeline};

/// Reads the section `controldata`, or why there is none.
pub fn control(report: &Report) -> Answer<ControlData> {
    match (report.section("controldata"), report.section("controldata_error")) {
        (Some(text), _) => match read(text) {
            Ok(control) => Answer::Told(control),
            Err(missing) => Answer::Unseen(format!("pg_controldata did not tell its \"{missing}\"")),
        },
        (None, Some(why)) => Answer::Unseen(one_line(why)),
        (None, None) => Answer::Nobody("there is no cluster in it".into()),
    }
}

fn one_line(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// Errors: the name of what is missing or cannot be read.
fn read(text: &str) -> Result<ControlData, &'static str> {
    let line = |name: &'static str| {
        let value = |line: &'_ str| Some(line.strip_prefix(name)?.strip_prefix(':')?.trim().to_owned());
        text.lines().find_map(value).ok_or(name)
    };
    let lsn = |name| line(name)?.parse::<Lsn>().map_err(|_| name);
    let timeline = |name| line(name)?.parse().map(Timeline::new).map_err(|_| name);
    let redo = "Latest checkpoint's REDO location";
    let checkpoint_timeline = "Latest checkpoint's TimeLineID";
    let system_id = "Database system identifier";
    let segment = "Bytes per WAL segment";
    Ok(ControlData {
        system_id: line(system_id)?.parse::<SystemId>().map_err(|_| system_id)?,
        state: DataState::parse(&line("Database cluster state")?),
        checkpoint: lsn("Latest checkpoint location")?,
        redo: lsn(redo)?,
        timeline: timeline(checkpoint_timeline)?.ok_or(checkpoint_timeline)?,
        checkpoint_time: line("Time of latest checkpoint")?,
        min_recovery_end: Some(lsn("Minimum recovery ending location")?).filter(|lsn| !lsn.is_none()),
        min_recovery_timeline: timeline("Min recovery ending loc's timeline")?,
        checksums: line("Data page checksum version")? != "0",
        wal_log_hints: line("wal_log_hints setting")? == "on",
        wal_level: line("wal_level setting")?,
        wal_segment: line(segment)?.parse().map_err(|_| segment)?,
    })
}
