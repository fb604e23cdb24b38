//! Alerts about the members of the cluster.

use crate::galera::monitoring::alert::{Alert, Level, Maintenance};
use crate::galera::monitoring::job::Job;
use crate::galera::monitoring::scope::Scope;

pub const ALERTS: &[Alert] = &[
    Alert {
        name: "GaleraNoPrimary",
        doc: "No node that answers is in a Primary component: the cluster takes no writes",
        levels: &[Level::critical(30)],
        expression: |scope, _| Some(format!("max by (cluster) ({}) == 0", scope.wsrep("cluster_status"))),
        maintenance: Maintenance::Never,
        summary: "No node of the cluster {{ $labels.cluster }} that answers is in a Primary component: it takes no writes",
    },
    Alert {
        name: "GaleraTwoViews",
        doc: "Nodes in a Primary component do not have one view, or have two state UUIDs: the cluster is split",
        levels: &[Level::critical(30)],
        expression: |scope, _| Some(two_views(scope)),
        maintenance: Maintenance::Never,
        summary: "The cluster {{ $labels.cluster }} is split: more than one part of it takes writes",
    },
    Alert {
        name: "GaleraNodeDown",
        doc: "The server of a data node does not answer; or nothing on its host does, and the other nodes miss a member",
        levels: &[Level::critical(60)],
        expression: |scope, _| Some(node_down(scope)),
        maintenance: Maintenance::Expected,
        summary: "{{ $labels.node }} of the cluster {{ $labels.cluster }} does not answer",
    },
    Alert {
        name: "GaleraNodeNotPrimary",
        doc: "A server runs and is in no Primary component: it refuses its clients",
        levels: &[Level::critical(60)],
        expression: |scope, _| Some(format!("{} == 0", scope.wsrep("cluster_status"))),
        maintenance: Maintenance::Never,
        summary: "{{ $labels.node }} of the cluster {{ $labels.cluster }} runs, and is in no Primary component",
    },
    Alert {
        name: "GaleraClusterSmaller",
        doc: "The cluster has fewer members than the inventory, arbitrators counted",
        levels: &[Level::critical(60)],
        expression: |scope, _| Some(format!("{} < {}", scope.size(), scope.declared())),
        maintenance: Maintenance::Expected,
        summary: "The cluster {{ $labels.cluster }} has {{ $value }} members, fewer than its inventory",
    },
    Alert {
        name: "GaleraNotSynced",
        doc: "A node is in the Primary component, and is not Synced: it gives its data to another one, catches up, or was desynced by hand",
        levels: &[Level::warning(300)],
        expression: |scope, _| {
            Some(format!("{} and on (cluster, node) {}", not_synced(scope), scope.primary()))
        },
        maintenance: Maintenance::Expected,
        summary: "{{ $labels.node }} of the cluster {{ $labels.cluster }} has not been Synced for 5 minutes",
    },
];

/// 4 is Synced (wsrep_local_state).
fn not_synced(scope: &Scope<'_>) -> String {
    format!("{} != 4", scope.wsrep("local_state"))
}

/// The server does not answer its exporter. Or no exporter on the host answers, and the other nodes miss a member:
/// without the second condition, it may only be Prometheus that does not reach the host.
fn node_down(scope: &Scope<'_>) -> String {
    let (server, host) = (scope.of(Job::Mysqld, "up"), scope.of(Job::Node, "up"));
    format!(
        "{} == 0\nor\n{server} == 0\n  and on (cluster, node) {host} == 0\n  unless on (cluster) {} >= {}",
        scope.of(Job::Mysqld, "mysql_up"),
        scope.size(),
        scope.declared()
    )
}

/// Nodes that are Primary have one view, and so one number of it (conf_id), one size and one state UUID.
///
/// Exporters are not asked in one moment, so a view that has just changed is seen on one node before the other. Numbers
/// and sizes differ when what one node had within a minute lies below all that another one had. A count of nodes larger
/// than the view of any of them says the same at once, also where both parts have the same number and size.
fn two_views(scope: &Scope<'_>) -> String {
    let apart = |variable: &str| {
        let over = |function: &str| scope.of_primary(&format!("{function}({}[1m])", scope.wsrep(variable)));
        format!("min by (cluster) {}\n  < max by (cluster) {}", over("max_over_time"), over("min_over_time"))
    };
    let info = scope.of_primary(&scope.of(Job::Mysqld, "mysql_galera_status_info"));
    [
        apart("cluster_conf_id"),
        apart("cluster_size"),
        format!("count by (cluster) ({}) > {}", scope.primary(), scope.size()),
        format!("count by (cluster) (count by (cluster, wsrep_cluster_state_uuid) {info}) > 1"),
    ]
    .join("\nor\n")
}
