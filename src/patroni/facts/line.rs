//! Whether the data of two nodes is one history.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::history::History;
use crate::postgresql::{Lsn, SystemId, Timeline};

/// The history of one node's data, from the cluster's beginning to its end.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Line {
    pub system_id: SystemId,
    pub timeline: Timeline,
    /// The ancestors of `timeline`; `None` where they are not known.
    pub history: Option<History>,
    /// The first records of timelines, as pg_waldump prints them, of those whose WAL is still there.
    pub first_records: BTreeMap<Timeline, String>,
    /// Where the data ends on `timeline`.
    pub end: Lsn,
}

/// A place in a history.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Place {
    pub timeline: Timeline,
    pub at: Lsn,
}

/// What one line is to another.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Relation {
    /// Both are the same to their ends.
    Equal,
    /// The first holds all of the second, and this many bytes of WAL more.
    Ahead(u64),
    /// The second holds all of the first, and this many bytes more.
    Behind(u64),
    /// Each holds what the other has not, from this place on at the latest.
    Forked(Place),
    /// They are different clusters.
    Strangers,
    /// It cannot be told, and why.
    Unknown(String),
}

/// The last place that both lines go through by their histories, where one ends or leaves the other; where their
/// WAL is to be compared (`digest.sh`). `Err`: what they are to each other is known without that.
pub fn meeting(one: &Line, other: &Line) -> Result<Place, Relation> {
    met(one, other).map(|(place, _)| place)
}

/// What `one` is to `other`. `same`: whether their WAL before the place of [`meeting`] was found to be the same;
/// `None` where that was not compared, or could not be.
///
/// Numbers of timelines prove nothing. Two nodes that were promoted apart at the same place have the same number
/// and equal history files, and two that went on apart without a promotion are alike in all but their WAL. So
/// nobody is said to hold the other's data where their WAL was not compared.
pub fn relation(one: &Line, other: &Line, same: Option<bool>) -> Relation {
    match (met(one, other), same) {
        (Err(known), _) => known,
        (Ok((_, relation)), Some(true)) => relation,
        (Ok((place, _)), Some(false)) => Relation::Forked(place),
        (Ok((place, _)), None) => Relation::Unknown(format!(
            "their WAL was not compared before {} on timeline {}, up to which they may be the same",
            place.at, place.timeline
        )),
    }
}

/// The place of [`meeting`], and what the lines are where their WAL is the same up to it.
fn met(one: &Line, other: &Line) -> Result<(Place, Relation), Relation> {
    if one.system_id != other.system_id {
        return Err(Relation::Strangers);
    }
    let (Some(own), Some(others)) = (parts(one), parts(other)) else {
        return Err(Relation::Unknown("the history file of a timeline is not there".into()));
    };
    let common = own.iter().zip(&others).take_while(|(one, other)| one == other).count();
    // All parts but a line's last are ancestors, which it has left.
    let (own_ends, other_ends) = (common + 1 == own.len(), common + 1 == others.len());
    let (place, relation) = match (own.get(common), others.get(common)) {
        (None, None) => (own[common - 1], Relation::Equal),
        (None, Some(_)) => (own[common - 1], Relation::Behind(other.end.since(one.end))),
        (Some(_), None) => (others[common - 1], Relation::Ahead(one.end.since(other.end))),
        (Some(own), Some(others)) if own.timeline == others.timeline => {
            let relation = if own.at < others.at && own_ends {
                Relation::Behind(other.end.since(one.end))
            } else if others.at < own.at && other_ends {
                Relation::Ahead(one.end.since(other.end))
            } else {
                // One has left this timeline before the place to which the other stayed on it.
                return Err(Relation::Forked(*own.min(others)));
            };
            (*own.min(others), relation)
        }
        // Both have left the same ancestor at the same place, for timelines of different numbers.
        _ => match common.checked_sub(1).and_then(|at| own.get(at)) {
            Some(place) => return Err(Relation::Forked(*place)),
            None => return Err(Relation::Unknown("the histories have no common beginning".into())),
        },
    };
    match promoted_apart(one, other, place.timeline) {
        Some(beginning) => Err(Relation::Forked(beginning)),
        None => Ok((place, relation)),
    }
}

/// The first records of a timeline on both lines differ: where the first such one begins.
fn promoted_apart(one: &Line, other: &Line, last: Timeline) -> Option<Place> {
    let parts: Vec<_> = parts(one)?.into_iter().take_while(|part| part.timeline <= last).collect();
    let differs = |timeline: Timeline| {
        let records = (one.first_records.get(&timeline), other.first_records.get(&timeline));
        matches!(records, (Some(own), Some(others)) if own != others)
    };
    let pair = parts.windows(2).find(|pair| differs(pair[1].timeline))?;
    Some(pair[0])
}

/// Each timeline with the place where it was left, the current one last.
fn parts(line: &Line) -> Option<Vec<Place>> {
    let ancestors = line.history.as_ref()?.0.iter().map(|it| Place { timeline: it.timeline, at: it.at });
    Some(ancestors.chain([Place { timeline: line.timeline, at: line.end }]).collect())
}
