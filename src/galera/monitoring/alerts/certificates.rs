//! Alerts about the certificates of members, where a timer asks `galactl status`.

use crate::galera::monitoring::alert::{Alert, Level, Maintenance};
use crate::galera::monitoring::scope::Scope;
use crate::galera::monitoring::severity::Severity;

/// Seconds.
const DAY: u32 = 86_400;

pub const ALERTS: &[Alert] = &[Alert {
    name: "GaleraCertificateExpires",
    doc: "A certificate on a member's disk expires, and half of the time to renew it is over; critical: it has expired",
    levels: &[Level::warning(900), Level::critical(300)],
    expression,
    maintenance: Maintenance::Never,
    summary: "{{ $labels.file }} on {{ $labels.node }} of the cluster {{ $labels.cluster }} {{ if gt $value 0.0 }}expires in {{ $value | humanizeDuration }}{{ else }}has expired{{ end }}",
}];

/// The moment stays true where the timer does not come any more. Where several timers ask, the latest moment is that of
/// the renewed certificate.
fn expression(scope: &Scope<'_>, severity: Severity) -> Option<String> {
    let renewed_before = scope.renew_before_days()? * DAY;
    let seconds = match severity {
        Severity::Warning => renewed_before / 2,
        Severity::Critical => 0,
    };
    let expires = scope.of_cluster("galactl_certificate_expiry_timestamp_seconds", &[]);
    Some(format!("max by (cluster, node, file) ({expires}) - time() < {seconds}"))
}
