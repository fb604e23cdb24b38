//! The report as text.

use crate::galera::load::Report;
use crate::galera::load::conflicts::Met;
use crate::galera::load::report::{Reached, Run};
use crate::kernel::model::words::{count, names};
use crate::ui::{fold, table_within};

/// Places of conflicts and errors that are shown of a run; JSON has all.
const MOST: usize = 5;
const USUAL_WIDTH: usize = 80;

/// All that was found, no wider than `width`.
pub fn text(report: &Report, width: Option<usize>) -> String {
    let width = width.unwrap_or(USUAL_WIDTH).min(USUAL_WIDTH);
    let mut parts =
        vec![fold(&head(report), Some(width)), table_within(&LAYOUTS, &layouts(&report.runs), Some(width))];
    parts.push(fold(LEGEND, Some(width)));
    for run in &report.runs {
        parts.push(of_run(run, width));
    }
    let sentences = report.advice.iter().chain(&report.left).map(|it| fold(&format!("- {it}"), Some(width)));
    parts.push(sentences.collect::<Vec<_>>().join("\n"));
    parts
        .into_iter()
        .map(|part| part.trim_end().to_owned())
        .filter(|part| !part.is_empty())
        .collect::<Vec<_>>()
        .join("\n\n")
}

fn head(report: &Report) -> String {
    let asked = &report.asked;
    let early = if report.interrupted { ", ended early" } else { "" };
    format!(
        "load test of {}: workload {}, {}, {} s a run, at most {} transactions a second, {} rows, seed {}{early}\n{}",
        report.cluster,
        asked.workload,
        count(asked.clients, "client"),
        asked.seconds,
        asked.rate,
        asked.rows,
        asked.seed,
        connected(&report.reached)
    )
}

pub(super) fn connected(reached: &[Reached]) -> String {
    let those = |directly: bool| {
        reached.iter().filter(|it| it.directly == directly).map(|it| &it.member).collect::<Vec<_>>()
    };
    let (direct, through) = (those(true), those(false));
    let mut told = Vec::new();
    if !direct.is_empty() {
        told.push(format!("to {} at their own addresses", names(&direct, "and")));
    }
    if !through.is_empty() {
        told.push(format!("to {} through SSH, which makes each statement slower", names(&through, "and")));
    }
    format!("connected {}", told.join(", "))
}

pub(super) const LAYOUTS: [&str; 11] =
    ["LAYOUT", "TX/S", "P50", "P95", "P99", "MAX", "CERT", "ABORTS", "1213", "REPEATS", "ERRORS"];
pub(super) const LEGEND: &str = "P50 to MAX: milliseconds of transactions that were committed, with repeats, from their beginning. CERT: write-sets that lost certification, ABORTS: transactions \
    aborted for one of another node, of all the cluster's clients. 1213: transactions that a client without a retry would have \
    lost. REPEATS: how often clients tried such a one again. ERRORS: what clients are told all the same.";

pub(super) fn layouts(runs: &[Run]) -> Vec<Vec<String>> {
    let row = |run: &Run| {
        let told: u64 = run.errors.iter().map(|it| it.times).sum();
        vec![
            run.name.clone(),
            format!("{:.0}", run.rate),
            format!("{:.1}", run.latency.p50),
            format!("{:.1}", run.latency.p95),
            format!("{:.1}", run.latency.p99),
            format!("{:.0}", run.latency.longest),
            run.cert_failures.to_string(),
            run.aborts.to_string(),
            run.rolled_back.to_string(),
            run.repeats.to_string(),
            (told + run.given_up).to_string(),
        ]
    };
    runs.iter().map(row).collect()
}

/// The nodes of one run, where its transactions met, and what clients were told.
fn of_run(run: &Run, width: usize) -> String {
    let mut text = format!("{}\n{}", run.name, table_within(&NODES, &nodes(run), Some(width)));
    if !run.conflicts.is_empty() {
        text += "\nwhere transactions met:\n";
        text += &table_within(&PLACES, &met(&run.conflicts), Some(width));
    }
    if !run.conflicts_of_others.is_empty() {
        text += "\nconflicts of the cluster's own clients meanwhile:\n";
        text += &table_within(&PLACES, &met(&run.conflicts_of_others), Some(width));
    }
    for remark in remarks(run, MOST) {
        text += &format!("\n{}", fold(&remark, Some(width)));
    }
    text
}

/// What is told of a run beside its tables, with so many kinds of errors.
pub(super) fn remarks(run: &Run, most: usize) -> Vec<String> {
    let mut told = Vec::new();
    if run.unnamed > 0 {
        told.push(format!("{} conflicts more, of which the logs name no row", run.unnamed));
    }
    if !run.logs_not_read.is_empty() {
        told.push(format!("logs not read: {}", names(&run.logs_not_read, "and")));
    }
    if !run.logs_cut.is_empty() {
        told.push(format!(
            "only the last part of the logs was read, they told too much: {}",
            names(&run.logs_cut, "and")
        ));
    }
    told.extend(run.errors.iter().take(most).map(|error| format!("{} x {}", error.times, error.error)));
    if run.given_up > 0 {
        told.push(format!("{} x given up after ten repeats of error 1213", run.given_up));
    }
    if run.unknown > 0 {
        told.push(format!("{} transactions may have been committed: their answer never came", run.unknown));
    }
    told
}

pub(super) const NODES: [&str; 9] =
    ["NODE", "CLIENTS", "TX/S", "P95", "SILENT", "FLOW", "QUEUE", "CERT", "ABORTS"];

/// Nodes with their clients; proxies, which have no counters; nodes without clients.
pub(super) fn nodes(run: &Run) -> Vec<Vec<String>> {
    let mut rows = Vec::new();
    let of_clients = |member: &str| run.writers.iter().find(|writer| writer.member.as_str() == member);
    let members = run.nodes.iter().map(|it| it.node.as_str());
    let proxies = run
        .writers
        .iter()
        .map(|it| it.member.as_str())
        .filter(|it| !run.nodes.iter().any(|node| node.node.as_str() == *it));
    for member in members.chain(proxies) {
        let mut row = vec![member.to_owned()];
        match of_clients(member) {
            Some(writer) => row.extend([
                writer.clients.to_string(),
                format!("{:.0}", writer.rate),
                format!("{:.1}", writer.latency.p95),
                format!(
                    "{:.1} s{}",
                    writer.silence,
                    if writer.silent_at_the_end { ", to the end" } else { "" }
                ),
            ]),
            None => row.extend(["0", "", "", ""].map(str::to_owned)),
        }
        if let Some(node) = run.nodes.iter().find(|it| it.node.as_str() == member) {
            let counters = &node.counters;
            row.extend([
                format!("{:.0} %", 100.0 * counters.flow_control),
                counters.receive_queue.to_string(),
                counters.cert_failures.to_string(),
                counters.aborts.to_string(),
            ]);
        }
        rows.push(row);
    }
    rows
}

pub(super) const PLACES: [&str; 4] = ["TABLE", "ROW", "BETWEEN NODES", "ON A NODE"];

pub(super) fn met(met: &[Met]) -> Vec<Vec<String>> {
    let row = |it: &Met| {
        let key = it.place.key.clone().unwrap_or_default();
        vec![it.place.table.clone(), key, it.between_nodes.to_string(), it.on_a_node.to_string()]
    };
    met.iter().take(MOST).map(row).collect()
}
