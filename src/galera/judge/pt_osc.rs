//! pt-online-schema-change of others beside a table: what one has left, and whether one is at work.

use super::codes;
use crate::galera::alter::Study;
use crate::galera::alter::pt_osc::{Left, left};
use crate::kernel::judge::{Finding, Remedy};
use crate::kernel::model::NodeName;

/// One is at work on the table, or may be. Then no way is right: its copy takes the table's place at the end.
pub fn refusals(study: &Study) -> Vec<Finding> {
    let at_work = study.told().find_map(|(node, seen)| Some((node, seen.osc.at_work()?)));
    if let Some((node, what)) = at_work {
        return vec![at_work_on(study, node, &what)];
    }
    // Triggers and tables replicate: whoever has applied most tells most.
    let left = study.told().map(|(_, seen)| left(&study.table, &seen.osc));
    let most = left.max_by_key(|it| it.triggers.len() + it.tables.len()).filter(|it| !it.is_empty());
    most.iter().map(|left| may_be_at_work(study, left)).collect()
}

const LOST: &str =
    "its copy takes the table's place at the end, without the change and without what was written to it";

fn at_work_on(study: &Study, node: &NodeName, what: &str) -> Finding {
    let evidence = format!(
        "a pt-online-schema-change is at work here, on {} as far as galactl can tell: {what}",
        study.table
    );
    Finding::new(codes::TABLE_CHANGE, evidence, "wait for its end, or end it; then run this again")
        .on(node)
        .because(LOST)
}

/// It may run on any host, and shows itself only while a statement of it runs.
fn may_be_at_work(study: &Study, left: &Left) -> Finding {
    let evidence =
        format!("a pt-online-schema-change may be at work on {}: there are {}", study.table, left.words());
    let next = Remedy::from(
        "wait for its end, on whatever host it runs; where it was killed, in a quiet moment on one node: ",
    )
    .and(left.on_a_node(&study.table))
    .and("; then run this again");
    Finding::new(codes::TABLE_CHANGE, evidence, next).because(LOST)
}
