//! The report as one HTML file that needs nothing else: no script, no other file, no network.

use super::plot::{bars, escaped, lines};
use super::text::{LAYOUTS, LEGEND, NODES, PLACES, connected, layouts, met, nodes, remarks};
use crate::galera::load::Report;
use crate::galera::load::report::Run;

const STYLE: &str = "body{font:15px/1.45 system-ui,sans-serif;max-width:46em;margin:2em auto;padding:0 1em;color:#222}\
    table{border-collapse:collapse;margin:.6em 0}td,th{padding:.15em .7em;text-align:right;border-bottom:1px solid #ddd}\
    td:first-child,th:first-child{text-align:left;white-space:nowrap}figure{margin:1.2em 0}figcaption{font-weight:600}svg text{font-size:12px}";

/// The whole page. Whatever comes from the cluster or the user is escaped.
pub fn html(report: &Report) -> String {
    let asked = &report.asked;
    let title = escaped(&format!("Load test of {}", report.cluster));
    let early = if report.interrupted { ", ended early" } else { "" };
    let asked = escaped(&format!(
        "Workload {}, {} clients, {} s a run, at most {} transactions a second, {} rows, seed {}{early}; {}.",
        asked.workload,
        asked.clients,
        asked.seconds,
        asked.rate,
        asked.rows,
        asked.seed,
        connected(&report.reached)
    ));
    let of_runs = |value: fn(&Run) -> f64| {
        report.runs.iter().map(|run| (run.name.clone(), value(run))).collect::<Vec<_>>()
    };
    #[allow(clippy::cast_precision_loss, reason = "a bar in a picture")]
    let body = [
        format!("<h1>{title}</h1><p>{asked}</p>\n"),
        list(&report.advice),
        list(&report.left),
        "<h2>Layouts</h2>\n".to_owned(),
        table(&LAYOUTS, &layouts(&report.runs)),
        format!("<p>{}</p>\n", escaped(LEGEND)),
        bars("Commits a second", "", &of_runs(|run| run.rate)),
        bars("99 of 100 transactions took at most", "ms", &of_runs(|run| run.latency.p99)),
        bars("Transactions aborted for one of another node", "", &of_runs(|run| run.aborts as f64)),
        report.runs.iter().map(of_run).collect(),
    ];
    format!(
        "<!doctype html>\n<html lang=\"en\"><head><meta charset=\"utf-8\"><title>{title}</title><style>{STYLE}</style></head>\
         <body>\n{}</body></html>\n",
        body.concat()
    )
}

fn of_run(run: &Run) -> String {
    let mut part = format!("<h2>{}</h2>\n{}", escaped(&run.name), table(&NODES, &nodes(run)));
    let by_second: Vec<_> =
        run.writers.iter().map(|it| (it.member.to_string(), it.by_second.clone())).collect();
    part += &lines("Commits in each second", &by_second);
    for (title, places) in [
        ("Where transactions met", &run.conflicts),
        ("Conflicts of the cluster's own clients meanwhile", &run.conflicts_of_others),
    ] {
        if !places.is_empty() {
            part += &format!("<h3>{}</h3>\n{}", escaped(title), table(&PLACES, &met(places)));
        }
    }
    part + &list(&remarks(run, usize::MAX))
}

fn table(header: &[&str], rows: &[Vec<String>]) -> String {
    let line = |tag: &str, cells: Vec<&str>| {
        let cells: Vec<_> = cells.iter().map(|cell| format!("<{tag}>{}</{tag}>", escaped(cell))).collect();
        format!("<tr>{}</tr>\n", cells.concat())
    };
    let body: String = rows.iter().map(|row| line("td", row.iter().map(String::as_str).collect())).collect();
    format!("<table>\n{}{body}</table>\n", line("th", header.to_vec()))
}

fn list(items: &[String]) -> String {
    let items: Vec<_> = items.iter().map(|item| format!("<li>{}</li>\n", escaped(item))).collect();
    if items.is_empty() { String::new() } else { format!("<ul>\n{}</ul>\n", items.concat()) }
}
