//! Where a timeline comes from.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::kernel::model::Invalid;
use crate::postgresql::{Lsn, Timeline};

/// The ancestors of a timeline, the oldest first: the content of its history file, `pg_wal/0000000E.history`.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(transparent)]
pub struct History(pub Vec<Switch>);

/// The end of one ancestor.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Switch {
    /// The timeline that was left.
    pub timeline: Timeline,
    /// Where it was left: its WAL from here on is no part of the history.
    pub at: Lsn,
    /// Why, in the server's words, such as `no recovery target specified`.
    pub reason: String,
}

impl History {
    /// Reads a history file: lines of timeline, position and reason, parted by white space; `#` begins a comment
    /// (src/backend/access/transam/timeline.c).
    ///
    /// Errors: a line is none of these, or timelines or positions go backwards.
    pub fn parse(text: &str) -> Result<Self, Invalid> {
        let lines = text.lines().map(str::trim).filter(|line| !line.is_empty() && !line.starts_with('#'));
        let switches = lines.map(switch).collect::<Result<Vec<_>, _>>()?;
        let rises = switches.is_sorted_by(|one, next| one.timeline < next.timeline && one.at <= next.at);
        if rises { Ok(Self(switches)) } else { Err(Invalid::new("is a history that goes backwards")) }
    }

    /// Where the last ancestor was left, which is where the timeline itself begins.
    pub fn begins_at(&self) -> Option<Lsn> {
        self.0.last().map(|switch| switch.at)
    }
}

fn switch(line: &str) -> Result<Switch, Invalid> {
    let read = || {
        let (timeline, rest) = line.split_once(char::is_whitespace)?;
        let rest = rest.trim_start();
        let (at, reason) = rest.split_once(char::is_whitespace).unwrap_or((rest, ""));
        let timeline = Timeline::new(timeline.parse().ok()?)?;
        Some(Switch { timeline, at: at.parse().ok()?, reason: reason.trim().to_owned() })
    };
    read().ok_or_else(|| Invalid::new("is not a line of a history file"))
}
