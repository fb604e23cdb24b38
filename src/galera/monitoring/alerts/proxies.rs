//! Alerts about the proxies that are HAProxy.

use crate::galera::monitoring::alert::{Alert, Level, Maintenance};
use crate::galera::monitoring::job::Job;
use crate::galera::monitoring::scope::Scope;

pub const ALERTS: &[Alert] = &[
    Alert {
        name: "GaleraProxyDown",
        doc: "A HAProxy does not answer",
        levels: &[Level::critical(60)],
        expression: |scope, _| scope.has_haproxy().then(|| format!("{} == 0", scope.of(Job::Haproxy, "up"))),
        maintenance: Maintenance::Expected,
        summary: "The proxy {{ $labels.node }} of the cluster {{ $labels.cluster }} does not answer",
    },
    Alert {
        name: "GaleraProxyDisagrees",
        doc: "A HAProxy sends clients to a node that is not Synced, or none to one that is",
        levels: &[Level::warning(120)],
        expression: |scope, _| scope.has_haproxy().then(|| disagrees(scope)),
        maintenance: Maintenance::Expected,
        summary: "The proxy {{ $labels.through }} of the cluster {{ $labels.cluster }} is wrong about {{ $labels.node }}, or the node refuses clients although it is Synced",
    },
];

/// The proxy sends clients to a node that is not Synced, or none to one that is. The label `node` is the data node, as
/// in all alerts about one, and `through` is the proxy.
///
/// A donor may serve while it gives its data, so state 2 is not held against a proxy.
fn disagrees(scope: &Scope<'_>) -> String {
    let status = scope.servers_of_proxies(&[]);
    let through = format!("label_replace({status}, \"through\", \"$1\", \"node\", \"(.+)\")");
    let server = format!("label_replace({through}, \"node\", \"$1\", \"server\", \"(.+)\")");
    let by_node = |condition: String| format!("{server} {condition}");
    let state = scope.wsrep("local_state");
    let down = scope.of(Job::Mysqld, "mysql_up");
    let sends =
        by_node(format!("== 1\n  and on (cluster, node) ({state} != 4 and {state} != 2 or {down} == 0)"));
    let sends_none = by_node(format!("!= 1\n  and on (cluster, node) {state} == 4"));
    format!("{sends}\nor\n{sends_none}")
}
