//! Alerts about replication.

use crate::galera::monitoring::alert::{Alert, Level, Maintenance};
use crate::galera::monitoring::scope::Scope;
use crate::galera::monitoring::severity::Severity;

/// Conflicts a second: with fewer, the alert does not fire.
const FEW_CONFLICTS: f64 = 1.0;
/// The part of the node's own write-sets that are in conflict: with a smaller one, the alert does not fire.
const PART_IN_CONFLICT: f64 = 0.05;

const TWO_LEVELS: &[Level] = &[Level::warning(120), Level::critical(120)];

pub const ALERTS: &[Alert] = &[
    Alert {
        name: "GaleraFlowControl",
        doc: "A node that cannot keep up holds up the writes of all (`thresholds.flow_control`)",
        levels: TWO_LEVELS,
        expression: |scope, severity| Some(flow_control(scope, severity)),
        maintenance: Maintenance::Expected,
        summary: "Flow control holds up the writes of the cluster {{ $labels.cluster }} {{ $value | humanizePercentage }} of the time",
    },
    Alert {
        name: "GaleraReceiveQueue",
        doc: "A node that is Synced applies more slowly than the others write (`thresholds.receive_queue`)",
        levels: TWO_LEVELS,
        expression: |scope, severity| Some(receive_queue(scope, severity)),
        maintenance: Maintenance::Expected,
        summary: "{{ $value | humanize }} write-sets wait to be applied on {{ $labels.node }} of the cluster {{ $labels.cluster }}",
    },
    Alert {
        name: "GaleraSendQueue",
        doc: "A node cannot send its writes as fast as they come (`thresholds.send_queue`)",
        levels: TWO_LEVELS,
        expression: |scope, severity| {
            let limit = scope.limit(|it| it.send_queue, severity);
            Some(format!("avg_over_time({}[2m]) >= {limit}", scope.wsrep("local_send_queue")))
        },
        maintenance: Maintenance::Expected,
        summary: "{{ $value | humanize }} write-sets wait to be sent by {{ $labels.node }} of the cluster {{ $labels.cluster }}",
    },
    Alert {
        name: "GaleraCertificationFailures",
        doc: "More than one transaction a second, and more than 5 % of what a node sends, fails its certification: nodes write the same rows",
        levels: &[Level::warning(300)],
        expression: |scope, _| Some(conflicts(scope, "local_cert_failures")),
        maintenance: Maintenance::Never,
        summary: "{{ $value | humanize }} transactions a second of {{ $labels.node }} in the cluster {{ $labels.cluster }} fail their certification",
    },
    Alert {
        name: "GaleraAborts",
        doc: "More than one transaction a second, and more than 5 % of what a node sends, is aborted by a transaction of another node",
        levels: &[Level::warning(300)],
        expression: |scope, _| Some(conflicts(scope, "local_bf_aborts")),
        maintenance: Maintenance::Never,
        summary: "{{ $value | humanize }} transactions a second on {{ $labels.node }} of the cluster {{ $labels.cluster }} are aborted by those of other nodes",
    },
    Alert {
        name: "GaleraIstWindow",
        doc: "The write-set cache of a node holds less than `thresholds.ist_window` of the last half hour's writes",
        levels: &[Level::warning(600)],
        expression: |scope, _| ist_window(scope),
        maintenance: Maintenance::Never,
        summary: "{{ $labels.node }} of the cluster {{ $labels.cluster }} keeps the writes of {{ $value | humanizeDuration }} alone: who is away longer needs a full copy",
    },
];

/// Flow control pauses the whole cluster, so every node counts the same pauses.
fn flow_control(scope: &Scope<'_>, severity: Severity) -> String {
    let limit = scope.limit(|it| it.flow_control, severity);
    format!("max by (cluster) (rate({}[2m])) / 1e9 >= {limit}", scope.wsrep("flow_control_paused_ns"))
}

/// Only of Synced nodes: another node catches up or gives its data to a joiner, so it has a queue.
fn receive_queue(scope: &Scope<'_>, severity: Severity) -> String {
    let limit = scope.limit(|it| it.receive_queue, severity);
    format!(
        "avg_over_time({}[2m]) >= {limit}\n  and on (cluster, node) {} == 4",
        scope.wsrep("local_recv_queue"),
        scope.wsrep("local_state")
    )
}

fn conflicts(scope: &Scope<'_>, counter: &str) -> String {
    let rate = format!("rate({}[5m])", scope.wsrep(counter));
    let sent = format!("rate({}[5m])", scope.wsrep("replicated"));
    format!("{rate} > {FEW_CONFLICTS}\n  and {rate} > {PART_IN_CONFLICT} * {sent}")
}

fn ist_window(scope: &Scope<'_>) -> Option<String> {
    let too_short: Vec<_> =
        scope.ist_windows().map(|window| format!("{window} < {}", scope.ist_window())).collect();
    (!too_short.is_empty()).then(|| too_short.join("\nor\n"))
}
