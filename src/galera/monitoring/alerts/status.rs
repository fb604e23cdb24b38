//! Alerts about what `galactl status` tells, where a timer asks it.

use crate::galera::monitoring::alert::{Alert, Level, Maintenance};
use crate::galera::monitoring::promql::ends_with;
use crate::galera::monitoring::scope::Scope;

/// Seconds, after which what is told is no longer true: the timer comes every five minutes.
const OLD: u64 = 1200;

pub const ALERTS: &[Alert] = &[
    Alert {
        name: "GaleraFinding",
        doc: "`galactl status` tells of something that is not as it should be, where a timer asks it",
        levels: &[Level::warning(900)],
        expression: |scope, _| {
            let bad = scope.of_cluster("galactl_finding", &["severity=~\"degraded|critical\"".into()]);
            Some(format!("max by (cluster, node, code) ({bad})\nunless on (cluster) {}", old(scope)))
        },
        maintenance: Maintenance::Expected,
        summary: "galactl status of the cluster {{ $labels.cluster }}: {{ $labels.code }}{{ with $labels.node }} on {{ . }}{{ end }}",
    },
    Alert {
        name: "GaleraStatusOld",
        doc: "The timer that asks `galactl status` has not written for 20 minutes",
        levels: &[Level::warning(300)],
        expression: |scope, _| Some(old(scope)),
        maintenance: Maintenance::Never,
        summary: "{{ $labels.node }} has not asked galactl how the cluster {{ $labels.cluster }} is for {{ $value | humanizeDuration }}",
    },
];

/// What is told is no longer true.
fn old(scope: &Scope<'_>) -> String {
    let file = ends_with("file", &scope.file_of_series());
    format!("time() - {} > {OLD}", scope.of_cluster("node_textfile_mtime_seconds", &[file]))
}
