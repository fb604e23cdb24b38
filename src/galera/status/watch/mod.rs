//! A status with its short past → the lines of a terminal of any size.

mod columns;

use std::collections::BTreeMap;

use super::{NodeStatus, ServerState, Status};
use crate::galera::facts::Rates;
use crate::galera::inventory::Thresholds;
use crate::galera::judge::codes;
use crate::kernel::model::NodeName;
use crate::kernel::watch::{self, Frame, Table, View};

pub use crate::kernel::watch::{Line, Tone};

/// What the counters of all nodes did.
pub type Histories = watch::Histories<Rates>;

/// What is shown.
pub struct Scene<'a> {
    pub status: &'a Status,
    pub histories: &'a Histories,
    pub thresholds: &'a Thresholds,
    pub view: View<'a>,
}

/// The verdict, the table, and what is not as it should be: at most `height` lines, and the worst
/// of each where not all of it fits.
pub fn frame(scene: &Scene<'_>) -> Vec<Line> {
    let Scene { status, view, .. } = *scene;
    let table = Table {
        columns: &columns::COLUMNS,
        rows: columns::rows(status),
        histories: scene.histories,
        full: &|heading| columns::full(scene.thresholds, heading),
        width: view.width,
        ascii: view.ascii,
    };
    let frame = Frame {
        cluster: &status.cluster,
        health: status.health,
        verdict: &status.verdict,
        findings: &status.findings,
        events: &[],
        view,
    };
    watch::frame(&frame, table)
}

/// The status without the finding of a split: nodes that are scanned one after the other can look split while the view
/// changes.
pub fn unsettled(mut status: Status) -> Status {
    status.findings.retain(|finding| finding.code != codes::SPLIT);
    status.judged()
}

/// Shows the nodes that hang, which `status` has not seen, as they were `stale` seconds ago.
pub fn aged(mut status: Status, before: &Status, stale: &BTreeMap<NodeName, u64>) -> Status {
    for node in &mut status.nodes {
        let Some(age) = stale.get(&node.node) else { continue };
        if let Some(known) = before.nodes.iter().find(|known| known.node == node.node) {
            let state = ServerState::Old { was: Box::new(known.state.clone()), seconds: *age };
            *node = NodeStatus { state, primary: false, synced: false, ..known.clone() };
        }
    }
    status
}
