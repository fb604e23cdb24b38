//! Alerts about exporters and targets that are missing.

use crate::galera::monitoring::alert::{Alert, Level, Maintenance};
use crate::galera::monitoring::job::Job;

pub const ALERTS: &[Alert] = &[
    Alert {
        name: "GaleraExporterSilent",
        doc: "An exporter does not answer: its node is not watched",
        levels: &[Level::warning(300)],
        expression: |scope, _| {
            let silent = |job| format!("{} == 0", scope.of(job, "up"));
            Some(format!("{}\nor\n{}", silent(Job::Mysqld), silent(Job::Node)))
        },
        maintenance: Maintenance::Expected,
        summary: "The {{ $labels.job }} exporter on {{ $labels.node }} of the cluster {{ $labels.cluster }} does not answer",
    },
    // While Prometheus does not ask an exporter, the rules about its series never fire: this alert says so.
    Alert {
        name: "GaleraTargetMissing",
        doc: "Prometheus does not ask an exporter of the inventory at all",
        levels: &[Level::warning(900)],
        expression: |scope, _| {
            let missing = scope
                .targets()
                .iter()
                .map(|target| format!("absent({})", scope.only(target)))
                .collect::<Vec<_>>();
            Some(missing.join("\nor\n"))
        },
        maintenance: Maintenance::Never,
        summary: "Prometheus does not ask the {{ $labels.job }} exporter on {{ $labels.node }} of the cluster {{ $labels.cluster }}",
    },
];
