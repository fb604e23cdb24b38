//! Whether the WAL of two nodes is the same up to a place.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::line::Place;
use crate::kernel::facts::Answer;
use crate::kernel::facts::Report;
use crate::postgresql::Timeline;

/// What `digest.sh` found: for each place that was asked for, the SHA-256 of the WAL from the beginning of its file
/// to that place. Nodes that have one history have the same bytes there.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct WalDigests(Vec<(Place, Answer<String>)>);

impl WalDigests {
    /// Reads lines `TIMELINE LSN DIGEST` in `digests`, and `TIMELINE LSN REASON` in `no_digests`.
    pub fn read(report: &Report) -> Self {
        let told = report.lines("digests").filter_map(|line| parse(line, Answer::Told));
        let unseen = report.lines("no_digests").filter_map(|line| parse(line, Answer::Unseen));
        let all: BTreeMap<_, _> = unseen.chain(told).collect();
        Self(all.into_iter().collect())
    }

    pub fn at(&self, place: Place) -> Option<&str> {
        let (_, digest) = self.0.iter().find(|(at, _)| *at == place)?;
        digest.told().map(String::as_str)
    }

    /// Whether both have the same WAL before the place; `None` where one of them does not tell.
    pub fn same(&self, other: &Self, place: Place) -> Option<bool> {
        Some(self.at(place)? == other.at(place)?)
    }
}

fn parse(line: &str, told: fn(String) -> Answer<String>) -> Option<(Place, Answer<String>)> {
    let mut words = line.splitn(3, ' ');
    let timeline = Timeline::new(words.next()?.parse().ok()?)?;
    let place = Place { timeline, at: words.next()?.parse().ok()? };
    Some((place, told(words.next()?.to_owned())))
}
