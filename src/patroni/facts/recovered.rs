//! How far the data of a stopped node got.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::datadir::Datadir;
use super::line::Line;
use crate::kernel::facts::Answer;
use crate::kernel::facts::Report;
use crate::postgresql::{Lsn, Timeline};

/// What `recover.sh` found in `pg_wal`. pg_controldata does not tell the end: the server may have crashed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Recovered {
    /// Each timeline from the last checkpoint's to that of the newest file. `Nobody`: there is no data.
    pub ends: Answer<BTreeMap<Timeline, TimelineEnd>>,
}

/// The end of the WAL on one timeline.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct TimelineEnd {
    /// Where reading began.
    pub from: Lsn,
    /// Where the next record would stand. `Nobody`: no file of this timeline is there.
    pub end: Answer<Lsn>,
}

impl TimelineEnd {
    /// A file of the newest timeline is there, or it would not be known. That the first one is not means that WAL is gone:
    /// what lies behind the gap cannot be told.
    fn must_be_there(&mut self) {
        if let Answer::Nobody(why) = &self.end
            && why.contains(NO_FILE)
        {
            self.end = Answer::Unseen(why.clone());
        }
    }
}

/// What pg_waldump says where the file is not there in which it was to begin.
const NO_FILE: &str = "could not find file";

impl Recovered {
    /// Reads what `recover.sh` printed: `nobody` or `trouble` with the reason, or lines
    /// `TIMELINE FROM` in `timelines` with pg_waldump's words in `said_TIMELINE`.
    pub fn read(report: &Report) -> Self {
        let reason = |section: &str| report.section(section).map(|why| why.trim().to_owned());
        let ends = match (reason("nobody"), reason("trouble")) {
            (Some(why), _) => Answer::Nobody(why),
            (None, Some(why)) => Answer::Unseen(why),
            (None, None) => timelines(report),
        };
        Self { ends }
    }

    /// No answer came.
    pub fn unknown(why: String) -> Self {
        Self { ends: Answer::Unseen(why) }
    }

    /// The history of the data to its end: that of the newest timeline with WAL. `None` where an end is not known.
    pub fn line(&self, datadir: &Datadir) -> Option<Line> {
        let ends = self.ends.told()?;
        let (timeline, end) = ends.iter().rfind(|(_, end)| !end.end.is_nobody())?;
        Some(Line {
            system_id: datadir.system_id()?.clone(),
            timeline: *timeline,
            history: datadir.history(*timeline),
            first_records: datadir.first_records.clone(),
            end: *end.end.told()?,
        })
    }
}

fn timelines(report: &Report) -> Answer<BTreeMap<Timeline, TimelineEnd>> {
    let one = |line: &str| {
        let (timeline, from) = line.split_once(' ')?;
        let timeline = Timeline::new(timeline.parse().ok()?)?;
        let end = end(report.section(&format!("said_{timeline}"))?);
        Some((timeline, TimelineEnd { from: from.parse().ok()?, end }))
    };
    let ends: Option<BTreeMap<_, _>> = report.lines("timelines").map(one).collect();
    match ends {
        Some(mut ends) if !ends.is_empty() => {
            if let Some(newest) = ends.values_mut().next_back() {
                newest.must_be_there();
            }
            Answer::Told(ends)
        }
        _ => Answer::Unseen("the host did not tell where its WAL ends".into()),
    }
}

/// pg_waldump's complaint about the place where it could not read on (src/backend/access/transam/xlogreader.c).
/// That place is the end of the WAL. A complaint without it tells nothing: a file may be missing or damaged.
fn end(said: &str) -> Answer<Lsn> {
    let Some(line) = said.lines().rev().find(|line| line.contains("pg_waldump:")) else {
        return Answer::Unseen(format!("pg_waldump said: {}", said.trim()));
    };
    if line.contains(NO_FILE) || line.contains("could not find a valid record") {
        return Answer::Nobody(line.to_owned());
    }
    let ends = [
        "invalid record length at ",
        "record with incorrect prev-link ",
        "record with invalid length at ",
        "invalid resource manager ID ",
        "incorrect resource manager data checksum in record at ",
        "there is no contrecord flag at ",
        "invalid contrecord length ",
        "invalid magic number ",
        "unexpected pageaddr ",
        "invalid record offset at ",
        "missing contrecord at ",
    ];
    let place = ends.iter().find_map(|mark| position_after(line.split_once(mark)?.1));
    place.map_or_else(|| Answer::Unseen(line.to_owned()), Answer::Told)
}

/// `0/69E2A58: …`, `0/1 at 0/69E2A58`, `255 at 0/…`, `0000 in log segment …, offset 0` (15) or `… in WAL segment …,
/// LSN 0/7000000, offset 0` (16 and later).
fn position_after(rest: &str) -> Option<Lsn> {
    let word = |text: &str| text.split([':', ',', ' ']).next()?.parse().ok();
    let marked = rest.split_once(" at ").or_else(|| rest.split_once("LSN ")).and_then(|(_, rest)| word(rest));
    marked.or_else(|| word(rest))
}
