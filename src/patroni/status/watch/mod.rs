//! A status with its short past → the lines of a terminal of any size.

mod columns;
mod events;

use std::collections::BTreeMap;

use super::{NodeStatus, Status};
use crate::kernel::judge::Health;
use crate::kernel::model::NodeName;
use crate::kernel::model::words::bytes;
use crate::kernel::watch::{self, Frame, Line, Table, View};
use crate::patroni::judge::codes;

pub use events::events;

/// What a node did in a moment.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub struct Sample {
    /// Bytes of WAL in a second, which it has written or received.
    pub wal: f64,
    /// Bytes of WAL that the primary has written, and it has not received; 0 on the primary.
    pub behind: f64,
    /// Its replication slots: those in use, and all.
    pub slots: [usize; 2],
}

impl Sample {
    /// What a primary does, in a sentence.
    pub fn sentence(&self, primary: &NodeName) -> String {
        let [active, all] = self.slots;
        format!(
            "{primary} writes {} of WAL a second; {active} of {all} slots are in use",
            bytes(whole(self.wal))
        )
    }
}

#[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a rate of bytes, far below 2^53")]
fn whole(rate: f64) -> u64 {
    rate.max(0.0).round() as u64
}

/// The samples of all nodes.
pub type Histories = watch::Histories<Sample>;

/// What is shown.
pub struct Scene<'a> {
    pub status: &'a Status,
    pub samples: &'a BTreeMap<NodeName, Sample>,
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
        rows: columns::rows(status, scene.samples),
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

/// The status without the finding of a split: of nodes that are asked one after the other, two can look like primaries while
/// one hands over to the other.
pub fn unsettled(mut status: Status) -> Status {
    status.findings.retain(|finding| finding.code != codes::SPLIT_BRAIN);
    status.health = Health::of(&status.findings);
    status.verdict = status.sentence();
    status
}

/// Shows the nodes that hang, which `status` has not seen, as they were `stale` seconds ago.
pub fn aged(mut status: Status, before: &Status, stale: &BTreeMap<NodeName, u64>) -> Status {
    for node in &mut status.nodes {
        let Some(age) = stale.get(&node.node) else { continue };
        if let Some(known) = before.nodes.iter().find(|known| known.node == node.node) {
            *node = NodeStatus { patroni: format!("{age} s ago"), follows: false, ..known.clone() };
        }
    }
    status
}
