//! The page about the cluster as a whole.

use super::panel::{Kind, Line, Page, Panel, Unit, WINDOW};
use crate::galera::monitoring::job::Job;
use crate::galera::monitoring::promql::equals;
use crate::galera::monitoring::scope::Scope;

pub const PAGE: Page = Page { name: "cluster", title: "Cluster", panels: PANELS };

const PANELS: &[Panel] = &[
    Panel {
        title: "In a Primary component",
        doc: "A node that is not takes no statements.",
        kind: Kind::Now,
        unit: Unit::Truth,
        limits: None,
        lines: &[of_nodes(|scope| Some(scope.wsrep("cluster_status")))],
    },
    Panel {
        title: "State",
        doc: "A node that serves is Synced. A donor gives its data to a joiner.",
        kind: Kind::Now,
        unit: Unit::State,
        limits: None,
        lines: &[of_nodes(|scope| Some(scope.wsrep("local_state")))],
    },
    Panel {
        title: "View",
        doc: "The number of the node's Primary view. Nodes with different numbers do not see each other.",
        kind: Kind::Now,
        unit: Unit::Exact,
        limits: None,
        lines: &[of_nodes(|scope| Some(scope.of_primary(&scope.wsrep("cluster_conf_id"))))],
    },
    Panel {
        title: "Clients",
        doc: "Connections to the server.",
        kind: Kind::Now,
        unit: Unit::Number,
        limits: None,
        lines: &[of_nodes(|scope| Some(scope.status("threads_connected")))],
    },
    Panel {
        title: "Members",
        doc: "Those of the largest Primary component, arbitrators included, beside those that the inventory names.",
        kind: Kind::Graph,
        unit: Unit::Number,
        limits: None,
        lines: &[
            Line {
                legend: "in the Primary component",
                expression: |scope| Some(or_none(&format!("max({})", scope.size()))),
            },
            Line {
                legend: "in the inventory",
                expression: |scope| Some(format!("vector({})", scope.declared())),
            },
            Line {
                legend: "Synced",
                expression: |scope| Some(or_none(&format!("count({} == 4)", scope.wsrep("local_state")))),
            },
        ],
    },
    Panel {
        title: "Alerts that fire",
        doc: "docs/reference/alerts.md has a page for each.",
        kind: Kind::Graph,
        unit: Unit::Number,
        limits: None,
        lines: &[Line { legend: "{{alertname}} {{node}}", expression: |scope| Some(firing(scope)) }],
    },
    Panel {
        title: "Write-sets sent",
        doc: "Which node takes the writes. Several that do can be in conflict.",
        kind: Kind::Graph,
        unit: Unit::Rate,
        limits: None,
        lines: &[of_nodes(|scope| Some(rate(&scope.wsrep("replicated"))))],
    },
    Panel {
        title: "Statements",
        doc: "What clients ask of each node, reads included.",
        kind: Kind::Graph,
        unit: Unit::Rate,
        limits: None,
        lines: &[of_nodes(|scope| Some(rate(&scope.status("questions"))))],
    },
    Panel {
        title: "Flow control",
        doc: "The part of the time for which all writes waited for a node that could not keep up.",
        kind: Kind::Graph,
        unit: Unit::Share,
        limits: Some(|scope| scope.limits(|it| it.flow_control)),
        lines: &[of_nodes(|scope| Some(format!("{} / 1e9", rate(&scope.wsrep("flow_control_paused_ns")))))],
    },
    Panel {
        title: "Receive queue",
        doc: "Write-sets that wait to be applied. The node whose queue grows is the one that holds up the others.",
        kind: Kind::Graph,
        unit: Unit::Number,
        limits: Some(|scope| scope.limits(|it| it.receive_queue)),
        lines: &[of_nodes(|scope| Some(scope.wsrep("local_recv_queue")))],
    },
    Panel {
        title: "Send queue",
        doc: "Write-sets that wait for the network.",
        kind: Kind::Graph,
        unit: Unit::Number,
        limits: Some(|scope| scope.limits(|it| it.send_queue)),
        lines: &[of_nodes(|scope| Some(scope.wsrep("local_send_queue")))],
    },
    Panel {
        title: "Conflicts",
        doc: "Transactions that failed their certification, and those that a write of another node aborted. The client gets error 1213.",
        kind: Kind::Graph,
        unit: Unit::Rate,
        limits: None,
        lines: &[
            Line {
                legend: "{{node}} certification",
                expression: |scope| Some(rate(&scope.wsrep("local_cert_failures"))),
            },
            Line {
                legend: "{{node}} aborts",
                expression: |scope| Some(rate(&scope.wsrep("local_bf_aborts"))),
            },
        ],
    },
    Panel {
        title: "IST window",
        doc: "How long a node may be away for, by the size of its cache and the writes of the last half hour. After that it needs a full copy.",
        kind: Kind::Graph,
        unit: Unit::Seconds,
        limits: None,
        lines: &[of_nodes(|scope| {
            let windows: Vec<_> = scope.ist_windows().collect();
            (!windows.is_empty()).then(|| windows.join("\nor\n"))
        })],
    },
    Panel {
        title: "Group latency",
        doc: "The average time that a message takes to all members. Each commit takes at least as long.",
        kind: Kind::Graph,
        unit: Unit::Seconds,
        limits: None,
        lines: &[of_nodes(|scope| Some(scope.of(Job::Mysqld, "mysql_galera_evs_repl_latency_avg_seconds")))],
    },
];

const fn of_nodes(expression: fn(&Scope<'_>) -> Option<String>) -> Line {
    Line { legend: "{{node}}", expression }
}

/// How fast a counter grows, each second.
pub fn rate(series: &str) -> String {
    format!("rate({series}[{WINDOW}])")
}

/// 0 where the expression has no value.
fn or_none(expression: &str) -> String {
    format!("{expression} or vector(0)")
}

fn firing(scope: &Scope<'_>) -> String {
    let own = scope.of_cluster("ALERTS", &[equals("alertstate", "firing")]);
    format!("count by (alertname, node) ({own})")
}
