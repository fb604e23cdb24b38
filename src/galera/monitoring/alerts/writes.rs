//! The alert for writes that do not go through.

use crate::galera::monitoring::alert::{Alert, Level, Maintenance};
use crate::galera::monitoring::scope::Scope;

pub const ALERTS: &[Alert] = &[Alert {
    name: "GaleraWritesStall",
    doc: "Transactions wait, and no node has committed anything for 2 minutes",
    levels: &[Level::critical(60)],
    expression: |scope, _| Some(stall(scope)),
    maintenance: Maintenance::Never,
    summary: "Writes wait in the cluster {{ $labels.cluster }}, and none has been committed for 2 minutes",
}];

/// Fires where two transactions or more that have written something are open, as many statements run, and no node
/// commits. One thread of each server that runs is the exporter's own. An idle cluster has no such transactions;
/// neither has one whose clients have left a transaction open and do nothing.
fn stall(scope: &Scope<'_>) -> String {
    let held = |status: String| format!("sum by (cluster) (min_over_time({status}[1m])");
    format!(
        "{}) >= 2\nand on (cluster)\n{} - 1) >= 2\nand on (cluster)\nmax by (cluster) (changes({}[2m])) == 0",
        held(scope.wsrep("open_transactions")),
        held(scope.status("threads_running")),
        scope.wsrep("last_committed")
    )
}
