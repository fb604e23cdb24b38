//! The page about one member: its server and its machine.

use super::cluster::rate;
use super::panel::{CHOSEN, Kind, Line, Page, Panel, Unit};
use crate::galera::monitoring::job::Job;
use crate::galera::monitoring::promql::equals;
use crate::galera::monitoring::scope::Scope;

pub const PAGE: Page = Page { name: "node", title: "Nodes", panels: PANELS };

const PANELS: &[Panel] = &[
    Panel {
        title: "Server has run for",
        doc: "Since its last start.",
        kind: Kind::Now,
        unit: Unit::Seconds,
        limits: None,
        lines: &[Line { legend: "{{node}}", expression: |scope| Some(server(scope, "uptime")) }],
    },
    Panel {
        title: "Machine has run for",
        doc: "Since its last start.",
        kind: Kind::Now,
        unit: Unit::Seconds,
        limits: None,
        lines: &[Line {
            legend: "{{node}}",
            expression: |scope| {
                Some(format!(
                    "{} - {}",
                    machine(scope, "node_time_seconds", &[]),
                    machine(scope, "node_boot_time_seconds", &[])
                ))
            },
        }],
    },
    Panel {
        title: "Processor",
        doc: "The part of all cores that is busy.",
        kind: Kind::Graph,
        unit: Unit::Share,
        limits: None,
        lines: &[Line { legend: "{{node}}", expression: |scope| Some(busy(scope)) }],
    },
    Panel {
        title: "Memory that is free",
        doc: "What programs can still have, caches included.",
        kind: Kind::Graph,
        unit: Unit::Share,
        limits: None,
        lines: &[Line {
            legend: "{{node}}",
            expression: |scope| {
                Some(format!(
                    "{} / {}",
                    machine(scope, "node_memory_MemAvailable_bytes", &[]),
                    machine(scope, "node_memory_MemTotal_bytes", &[])
                ))
            },
        }],
    },
    Panel {
        title: "Disk that is free",
        doc: "A node without room on its disk stops.",
        kind: Kind::Graph,
        unit: Unit::Share,
        limits: None,
        lines: &[Line { legend: "{{node}} {{mountpoint}}", expression: |scope| Some(free(scope)) }],
    },
    Panel {
        title: "Disk at work",
        doc: "The part of the time for which the disk had something to do.",
        kind: Kind::Graph,
        unit: Unit::Share,
        limits: None,
        lines: &[Line {
            legend: "{{node}} {{device}}",
            expression: |scope| Some(rate(&machine(scope, "node_disk_io_time_seconds_total", &[]))),
        }],
    },
    Panel {
        title: "Network",
        doc: "Galera sends each write to every other node.",
        kind: Kind::Graph,
        unit: Unit::Throughput,
        limits: None,
        lines: &[
            Line { legend: "{{node}} in", expression: |scope| Some(network(scope, "receive")) },
            Line { legend: "{{node}} out", expression: |scope| Some(network(scope, "transmit")) },
        ],
    },
    Panel {
        title: "Clients",
        doc: "Connections, and how many of them work. Many that work at once wait for something.",
        kind: Kind::Graph,
        unit: Unit::Number,
        limits: None,
        lines: &[
            Line {
                legend: "{{node}} connected",
                expression: |scope| Some(server(scope, "threads_connected")),
            },
            Line { legend: "{{node}} at work", expression: |scope| Some(server(scope, "threads_running")) },
        ],
    },
    Panel {
        title: "Statements by kind",
        doc: "What clients ask.",
        kind: Kind::Graph,
        unit: Unit::Rate,
        limits: None,
        lines: &[Line { legend: "{{node}} {{command}}", expression: |scope| Some(statements(scope)) }],
    },
    Panel {
        title: "Write-sets",
        doc: "Those that the node sends, and those of others that it applies.",
        kind: Kind::Graph,
        unit: Unit::Rate,
        limits: None,
        lines: &[
            Line {
                legend: "{{node}} sends",
                expression: |scope| Some(rate(&server(scope, "wsrep_replicated"))),
            },
            Line {
                legend: "{{node}} applies",
                expression: |scope| Some(rate(&server(scope, "wsrep_received"))),
            },
        ],
    },
    Panel {
        title: "Slow statements",
        doc: "Longer than `long_query_time`.",
        kind: Kind::Graph,
        unit: Unit::Rate,
        limits: None,
        lines: &[Line { legend: "{{node}}", expression: |scope| Some(rate(&server(scope, "slow_queries"))) }],
    },
    Panel {
        title: "Reads that InnoDB finds in memory",
        doc: "Well below 99 %, the buffer pool is small for what clients read.",
        kind: Kind::Graph,
        unit: Unit::Share,
        limits: None,
        lines: &[Line { legend: "{{node}}", expression: |scope| Some(in_memory(scope)) }],
    },
];

/// A status variable of the chosen node.
fn server(scope: &Scope<'_>, variable: &str) -> String {
    scope.with(Job::Mysqld, &format!("mysql_global_status_{variable}"), &[chosen()])
}

/// Series of the chosen node's machine.
fn machine(scope: &Scope<'_>, metric: &str, matchers: &[String]) -> String {
    let matchers: Vec<_> = [chosen()].into_iter().chain(matchers.iter().cloned()).collect();
    scope.with(Job::Node, metric, &matchers)
}

pub fn chosen() -> String {
    format!("node=~\"{CHOSEN}\"")
}

fn busy(scope: &Scope<'_>) -> String {
    let idle = rate(&machine(scope, "node_cpu_seconds_total", &[equals("mode", "idle")]));
    format!("1 - avg by (node) ({idle})")
}

fn free(scope: &Scope<'_>) -> String {
    let of = |metric| {
        let [every, data] = scope.disks(metric, &[chosen()]);
        format!("({every}\n  or {data})")
    };
    format!("{}\n/ {}", of("node_filesystem_avail_bytes"), of("node_filesystem_size_bytes"))
}

fn network(scope: &Scope<'_>, direction: &str) -> String {
    let bytes = machine(scope, &format!("node_network_{direction}_bytes_total"), &["device!=\"lo\"".into()]);
    format!("sum by (node) ({})", rate(&bytes))
}

fn statements(scope: &Scope<'_>) -> String {
    let kinds = "command=~\"select|insert|update|delete|commit|rollback\"".to_owned();
    rate(&scope.with(Job::Mysqld, "mysql_global_status_commands_total", &[chosen(), kinds]))
}

fn in_memory(scope: &Scope<'_>) -> String {
    let reads = |what| rate(&server(scope, &format!("innodb_buffer_pool_{what}")));
    format!("1 - {} / {}", reads("reads"), reads("read_requests"))
}
