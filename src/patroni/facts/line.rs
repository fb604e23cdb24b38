//! Whether the data of two nodes is one history.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::history::History;
use super::lsn::{Lsn, SystemId, Timeline};

/// The history of one node's data, from the cluster's beginning to its end.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Line {
    pub system_id: SystemId,
    pub timeline: Timeline,
    /// The ancestors of `timeline`; `None` where they are not known.
    pub history: Option<History>,
    /// The first record of `timeline`, as pg_waldump prints it; `None` where it is not known.
    pub first_record: Option<String>,
    /// Where the data ends on `timeline`.
    pub end: Lsn,
}

/// What one line is to another.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Relation {
    /// Both are the same to their ends.
    Equal,
    /// The first holds all of the second, and this many bytes of WAL more, counted from the second's end.
    Ahead(u64),
    /// The second holds all of the first, and this many bytes more.
    Behind(u64),
    /// Each holds what the other has not, from this place on.
    Forked { timeline: Timeline, at: Lsn },
    /// They are different clusters.
    Strangers,
    /// It cannot be told, and why.
    Unknown(String),
}

/// What `one` is to `other`. Numbers of timelines prove nothing alone: two nodes that were promoted apart may
/// have the same, so their ancestors are compared, and the record with which the timeline begins.
pub fn relation(one: &Line, other: &Line) -> Relation {
    if one.system_id != other.system_id {
        return Relation::Strangers;
    }
    let (Some(own), Some(others)) = (parts(one), parts(other)) else {
        return Relation::Unknown("the history file of a timeline is not there".into());
    };
    let common = own.iter().zip(&others).take_while(|(one, other)| one == other).count();
    let last = |parts: &[(Timeline, Lsn)], at: usize| at + 1 == parts.len();
    match (own.get(common), others.get(common)) {
        // Equal to the end of one, which is the end of the other, too: no part has none behind it but the last.
        (None, None) => same_timeline(one, other, Relation::Equal),
        (None, Some(_)) => Relation::Behind(other.end.since(one.end)),
        (Some(_), None) => Relation::Ahead(one.end.since(other.end)),
        (Some((own_line, own_end)), Some((other_line, other_end))) if own_line == other_line => {
            match (last(&own, common), last(&others, common)) {
                (true, true) if own_end > other_end => {
                    same_timeline(one, other, Relation::Ahead(own_end.since(*other_end)))
                }
                (true, true) => same_timeline(one, other, Relation::Behind(other_end.since(*own_end))),
                // One has left this timeline; the other has stayed on it, before that place or past it.
                (true, false) if own_end <= other_end => Relation::Behind(other.end.since(one.end)),
                (false, true) if other_end <= own_end => Relation::Ahead(one.end.since(other.end)),
                _ => Relation::Forked { timeline: *own_line, at: *own_end.min(other_end) },
            }
        }
        // Both have left the same ancestor at the same place, for timelines of different numbers.
        _ => match common.checked_sub(1).and_then(|at| own.get(at)) {
            Some((timeline, at)) => Relation::Forked { timeline: *timeline, at: *at },
            None => Relation::Unknown("the histories have no common beginning".into()),
        },
    }
}

/// Both ends are on one timeline by its number and ancestors.
fn same_timeline(one: &Line, other: &Line, relation: Relation) -> Relation {
    let begins = || one.history.as_ref().and_then(|history| history.0.last());
    let Some(switch) = begins() else { return relation };
    match (&one.first_record, &other.first_record) {
        (Some(own), Some(others)) if own == others => relation,
        (Some(_), Some(_)) => Relation::Forked { timeline: switch.timeline, at: switch.at },
        _ => Relation::Unknown(format!(
            "the first record of timeline {} is no longer there, which would tell whether it is the same one",
            one.timeline
        )),
    }
}

/// Each timeline with the place where it was left, the current one last.
fn parts(line: &Line) -> Option<Vec<(Timeline, Lsn)>> {
    let ancestors = line.history.as_ref()?.0.iter().map(|switch| (switch.timeline, switch.at));
    Some(ancestors.chain([(line.timeline, line.end)]).collect())
}
