//! The page about the proxies that are HAProxy.

use super::cluster::rate;
use super::node::chosen;
use super::panel::{Kind, Line, Page, Panel, Unit};
use crate::galera::monitoring::job::Job;
use crate::galera::monitoring::scope::Scope;

pub const PAGE: Page = Page { name: "proxy", title: "Proxies", panels: PANELS };

/// The ports for clients, which HAProxy has as proxies of these names.
const PORTS: &str = "proxy=~\"galactl-(write|read)\"";

const PANELS: &[Panel] = &[
    Panel {
        title: "Answers",
        doc: "HAProxy tells how it is.",
        kind: Kind::Now,
        unit: Unit::Truth,
        limits: None,
        lines: &[Line { legend: "{{node}}", expression: |scope| of(scope, "up", &[]) }],
    },
    Panel {
        title: "Nodes that take clients",
        doc: "As the proxy sees them.",
        kind: Kind::Now,
        unit: Unit::Number,
        limits: None,
        lines: &[Line {
            legend: "{{node}}",
            expression: |scope| Some(format!("sum by (node) ({})", takes_clients(scope)?)),
        }],
    },
    Panel {
        title: "Whether a node takes clients",
        doc: "1: new clients are sent to it. A node that is drained or down has 0.",
        kind: Kind::Graph,
        unit: Unit::Number,
        limits: None,
        lines: &[Line { legend: "{{node}}: {{server}}", expression: takes_clients }],
    },
    Panel {
        title: "Connections",
        doc: "Of clients, by the proxy's port.",
        kind: Kind::Graph,
        unit: Unit::Number,
        limits: None,
        lines: &[Line {
            legend: "{{node}} {{proxy}}",
            expression: |scope| of(scope, "haproxy_frontend_current_sessions", &[PORTS.into()]),
        }],
    },
    Panel {
        title: "New connections to nodes",
        doc: "Which node the proxy chose.",
        kind: Kind::Graph,
        unit: Unit::Rate,
        limits: None,
        lines: &[Line {
            legend: "{{node}}: {{server}} {{proxy}}",
            expression: |scope| Some(rate(&of(scope, "haproxy_server_sessions_total", &[PORTS.into()])?)),
        }],
    },
    Panel {
        title: "Connections that failed",
        doc: "The proxy could not reach the node that it had chosen.",
        kind: Kind::Graph,
        unit: Unit::Rate,
        limits: None,
        lines: &[Line {
            legend: "{{node}}: {{server}} {{proxy}}",
            expression: |scope| {
                Some(rate(&of(scope, "haproxy_server_connection_errors_total", &[PORTS.into()])?))
            },
        }],
    },
    Panel {
        title: "Clients that wait for a node",
        doc: "There is no node for them, or each has as many as it may.",
        kind: Kind::Graph,
        unit: Unit::Number,
        limits: None,
        lines: &[Line {
            legend: "{{node}} {{proxy}}",
            expression: |scope| of(scope, "haproxy_backend_current_queue", &[PORTS.into()]),
        }],
    },
    Panel {
        title: "Data",
        doc: "Between clients and nodes.",
        kind: Kind::Graph,
        unit: Unit::Throughput,
        limits: None,
        lines: &[
            Line { legend: "{{node}} {{proxy}} in", expression: |scope| bytes(scope, "in") },
            Line { legend: "{{node}} {{proxy}} out", expression: |scope| bytes(scope, "out") },
        ],
    },
];

/// Series of the chosen proxy; `None`: there is no HAProxy that tells.
fn of(scope: &Scope<'_>, metric: &str, matchers: &[String]) -> Option<String> {
    let matchers: Vec<_> = [chosen()].into_iter().chain(matchers.iter().cloned()).collect();
    scope.has_haproxy().then(|| scope.with(Job::Haproxy, metric, &matchers))
}

/// 1 for each node that gets new clients from the chosen proxy, and 0 for others.
fn takes_clients(scope: &Scope<'_>) -> Option<String> {
    scope.has_haproxy().then(|| format!("{} == bool 1", scope.servers_of_proxies(&[chosen()])))
}

fn bytes(scope: &Scope<'_>, direction: &str) -> Option<String> {
    let series = of(scope, &format!("haproxy_frontend_bytes_{direction}_total"), &[PORTS.into()])?;
    Some(rate(&series))
}
