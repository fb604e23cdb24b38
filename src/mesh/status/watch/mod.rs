//! A status with its short past → the lines of a terminal of any size.

mod columns;
mod events;

use std::collections::BTreeMap;

use super::{LinkStatus, Status};
use crate::kernel::model::NodeName;
use crate::kernel::watch::{self, Frame, Line, Table, View};

pub use events::events;

/// What a node or a direction did in a moment.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub struct Sample {
    /// Bytes of WAL that a node has written in a second.
    pub wal: f64,
    /// Bytes of WAL that the reader of a direction has not confirmed.
    pub behind: f64,
}

/// The samples of all nodes and directions.
pub type Histories = watch::Histories<Sample>;

/// A direction has a past as a node has, so it has a name of that kind: `pg2_from_pg1.shop`.
pub fn name(link: &LinkStatus) -> Option<NodeName> {
    format!("{}_from_{}.{}", link.to, link.from, link.database).parse().ok()
}

/// The sample of a direction.
pub fn sample(link: &LinkStatus) -> Option<Sample> {
    #[allow(clippy::cast_precision_loss, reason = "shown as a short line")]
    link.behind.map(|behind| Sample { wal: 0.0, behind: behind as f64 })
}

/// What is shown.
pub struct Scene<'a> {
    pub status: &'a Status,
    /// Bytes of WAL in a second, of each node that was seen twice.
    pub wal: &'a BTreeMap<NodeName, f64>,
    pub histories: &'a Histories,
    /// What has happened in the last minutes, the newest last.
    pub events: &'a [String],
    pub view: View<'a>,
}

/// The verdict, the table, what is not as it should be, and what has happened: at most `height` lines.
pub fn frame(scene: &Scene<'_>) -> Vec<Line> {
    let Scene { status, view, .. } = *scene;
    let table = Table {
        columns: &columns::COLUMNS,
        rows: columns::rows(status, scene.wal),
        histories: scene.histories,
        full: &|_| None,
        width: view.width,
        ascii: view.ascii,
    };
    let frame = Frame {
        cluster: &status.cluster,
        health: status.health,
        verdict: &status.verdict,
        findings: &status.findings,
        events: scene.events,
        view,
    };
    watch::frame(&frame, table)
}
