//! Alerts about the machines.

use crate::galera::monitoring::alert::{Alert, Level, Maintenance};
use crate::galera::monitoring::job::Job;
use crate::galera::monitoring::scope::Scope;
use crate::galera::monitoring::severity::Severity;

/// Seconds by which a host's clock may differ from the others'.
const CLOCK: f64 = 1.0;
/// Seconds into the future for which the disk's use is predicted from its last hour.
const AHEAD: u64 = 4 * 3600;

pub const ALERTS: &[Alert] = &[
    Alert {
        name: "GaleraDiskFills",
        doc: "Less than 10 % of a disk is free, or less than 30 % and it will be full in 4 hours; critical: less than 5 %",
        levels: &[Level::warning(300), Level::critical(60)],
        expression: |scope, severity| Some(disk(scope, severity)),
        maintenance: Maintenance::Never,
        summary: "{{ $value | humanizePercentage }} of {{ $labels.mountpoint }} on {{ $labels.node }} of the cluster {{ $labels.cluster }} is free",
    },
    Alert {
        name: "GaleraClock",
        doc: "The clock of a host is more than a second away from the others'",
        levels: &[Level::warning(300)],
        expression: |scope, _| Some(clock(scope)),
        maintenance: Maintenance::Never,
        summary: "The clock of {{ $labels.node }} of the cluster {{ $labels.cluster }} is {{ $value | humanizeDuration }} away from the others'",
    },
];

/// Every disk, and whatever holds the data. A disk may have a tenth left for years; one
/// that will soon be full fires before it is. The prediction comes from the last hour and from its last ten
/// minutes, and not while the server is down: a node that receives its data fills its disk fast, and then stops.
fn disk(scope: &Scope<'_>, severity: Severity) -> String {
    let disks = |metric: &str, form: fn(String) -> String| {
        let [every, data] = scope.disks(metric, &[]);
        format!("({}\n  or {})", form(every), form(data))
    };
    let free = disks("node_filesystem_avail_bytes", |series| series);
    let part = format!("{free}\n/ {}", disks("node_filesystem_size_bytes", |series| series));
    match severity {
        Severity::Critical => format!("{part} < 0.05"),
        Severity::Warning => {
            let soon = disks("node_filesystem_avail_bytes", |series| {
                let of = |window: &str| format!("predict_linear({series}[{window}], {AHEAD}) < 0");
                format!("{} and {}", of("1h"), of("10m"))
            });
            let down = scope.of(Job::Mysqld, "mysql_up");
            format!("{part} < 0.1\nor\n{part} < 0.3\nand\n{soon}\nunless on (cluster, node) {down} == 0")
        }
    }
}

/// Compares each clock with the median of all. Of two clocks that differ, nobody knows which is wrong, so both fire.
fn clock(scope: &Scope<'_>) -> String {
    let time = scope.of(Job::Node, "node_time_seconds");
    let ahead = format!("({time} - timestamp({time}))");
    format!(
        "abs(\n  {ahead}\n  - on (cluster) group_left () quantile by (cluster) (0.5, {ahead})\n) > {CLOCK}"
    )
}
