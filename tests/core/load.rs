//! The report of `galactl load`: its advice, its text and its HTML, from figures as a lab has given them.

use galactl::galera::load::Report;
use galactl::galera::load::advice;
use galactl::galera::load::check::{Checked, Increments, Reads};
use galactl::galera::load::conflicts::{Met, Place};
use galactl::galera::load::counters::Counters;
use galactl::galera::load::layout::Layout;
use galactl::galera::load::report::{Asked, Error, Node, Reached, Run, Writer};
use galactl::galera::load::samples::Latency;
use galactl::ui::load::{html, text};

use crate::support::{Shape, inventory, name};

fn met(table: &str, key: Option<&str>, between_nodes: u64, on_a_node: u64) -> Met {
    Met { place: Place { table: table.into(), key: key.map(str::to_owned) }, between_nodes, on_a_node }
}

/// A run of so many commits a second, and conflicts of that many.
fn run(layout: Layout, rate: f64, aborts: u64) -> Run {
    let latency = Latency { p50: 3.1, p95: 27.2, p99: 67.5, longest: 325.0 };
    let writer = |index: usize| Writer {
        member: name(index),
        clients: 2,
        commits: 1000,
        rate: rate / 3.0,
        latency,
        silence: 0.1,
        silent_at_the_end: false,
        by_second: vec![120, 130, 125],
    };
    let counters = Counters {
        cert_failures: aborts / 6,
        aborts: aborts / 3,
        bytes: 1_200_000.0,
        back: true,
        ..Counters::default()
    };
    Run {
        layout,
        name: layout.name(),
        seconds: 8.0,
        commits: 5384,
        rate,
        latency,
        cert_failures: aborts / 2,
        aborts,
        repeats: aborts / 3,
        rolled_back: aborts / 4,
        given_up: aborts / 40,
        unknown: 0,
        errors: Vec::new(),
        writers: (0..layout.writers).map(writer).collect(),
        nodes: (0..3).map(|index| Node { node: name(index), counters: counters.clone() }).collect(),
        conflicts: Vec::new(),
        conflicts_of_others: Vec::new(),
        unnamed: 0,
        logs_not_read: Vec::new(),
        logs_cut: Vec::new(),
    }
}

fn compared() -> Report {
    let layout = |writers, regions| Layout { writers, regions };
    let mut three = run(layout(3, false), 673.0, 5815);
    three.conflicts = vec![met("counters", Some("id = 1"), 3937, 4), met("items", Some("id = 159"), 1, 0)];
    three.conflicts_of_others = vec![met("shop.orders", None, 2, 0)];
    Report {
        cluster: "shop".into(),
        asked: Asked { workload: "hot".into(), clients: 6, seconds: 8, rate: 20_000, rows: 1000, seed: 7 },
        reached: (0..3).map(|index| Reached { member: name(index), directly: index < 2 }).collect(),
        runs: vec![
            run(layout(1, false), 1427.0, 0),
            run(layout(2, false), 849.0, 120),
            three,
            run(layout(3, true), 1761.0, 0),
        ],
        checked: Some(Checked {
            reads: Reads { made: 500, stale: 135 },
            reads_with_wait: Reads { made: 500, stale: 0 },
            read_then_write: Increments { confirmed: 898, open: 2, value: 441 },
            read_for_update: Increments { confirmed: 888, open: 0, value: 888 },
            in_one_statement: Increments { confirmed: 900, open: 0, value: 900 },
        }),
        not_checked: None,
        advice: Vec::new(),
        interrupted: false,
        left: Vec::new(),
    }
}

fn advised(mut report: Report) -> Report {
    report.advice = advice::of(&report, &inventory(&Shape::of(3)));
    report
}

/// That one of the sentences holds these words.
#[track_caller]
fn says(report: &Report, words: &str) {
    assert!(report.advice.iter().any(|it| it.contains(words)), "{words:?} is not in {:#?}", report.advice);
}

#[test]
fn a_comparison_is_told_in_80_columns() {
    let told = text(&advised(compared()), None);
    assert!(told.lines().all(|line| line.chars().count() <= 80), "{told}");
    insta::assert_snapshot!(told);
}

#[test]
fn how_many_writers_pay_depends_on_the_figures() {
    says(
        &advised(compared()),
        "More writers do not pay: 1 writer commits 1427 a second, 2 writers commit 849",
    );
    says(
        &advised(compared()),
        "Rows that belong to one node each bring something: 1761 commits a second and 0",
    );
    let mut faster = compared();
    faster.runs[2].rate = 2000.0;
    says(&advised(faster), "More writers pay: 1 writer commits 1427 a second, 3 writers commit 2000");
}

#[test]
fn runs_that_say_nothing_about_each_other_are_not_compared() {
    let told = "Whether more writers pay cannot be told";
    let regions = "Whether rows that belong to one node each bring something cannot be told";
    let mut held = compared();
    held.asked.rate = 1450;
    let held = advised(held);
    says(&held, &format!("{told}: clients were held at the rate (1 writer). Raise --rate"));
    says(&held, &format!("{regions}: clients were held at the rate (3 regions)"));
    let mut short = compared();
    short.runs[1].seconds = 3.0;
    let short = advised(short);
    says(&short, &format!("{told}: it was ended early (2 writers)"));
    says(&short, "Rows that belong to one node each bring something: 1761");
    let mut gone = compared();
    gone.runs[2].nodes[0].counters.gone_at = Some(2.0);
    let gone = advised(gone);
    says(&gone, &format!("{told}: a node was away (3 writers)"));
    says(&gone, &format!("{regions}: a node was away (3 writers)"));
}

#[test]
fn what_was_not_counted_is_told() {
    let mut report = compared();
    (report.checked, report.not_checked) = (None, Some("Stale reads were not counted.".into()));
    says(&advised(report), "Stale reads were not counted.");
}

#[test]
fn a_row_is_called_hot_only_where_it_stands_out() {
    says(&advised(compared()), "Most transactions met at table counters, row id = 1: 3941 of 3942 conflicts");
    let mut quarter = compared();
    quarter.runs[2].conflicts = (0..4).map(|id| met("items", Some(&format!("id = {id}")), 0, 1)).collect();
    let quarter = advised(quarter);
    says(&quarter, "More transactions met at table items, row id = 0 than at any other row: 1 of 4");
    says(&quarter, "They met on one node, as deadlocks");
    let mut even = compared();
    even.runs[2].conflicts = (0..40).map(|id| met("items", Some(&format!("id = {id}")), 1, 0)).collect();
    says(&advised(even), "Transactions met at many rows of table items: 40 of 40 conflicts");
}

#[test]
fn a_node_that_was_lost_and_a_rate_that_held_are_told() {
    let mut report = compared();
    report.runs[0].nodes[2].counters = Counters { gone_at: Some(6.2), back: false, ..Counters::default() };
    report.asked.rate = 1500;
    report.runs[1].nodes[1].counters.flow_control = 0.4;
    // All nodes count the time of a pause; db3 has asked for them.
    report.runs[1].nodes[2].counters =
        Counters { flow_control: 0.3, flow_control_sent: 12, receive_queue: 70, ..Counters::default() };
    let report = advised(report);
    says(
        &report,
        "1 writer: db3 gave no answer or was not Synced from second 6 on, and so it was at the end",
    );
    says(&report, "Clients were held at 1500 transactions a second (--rate): 1 writer and 3 regions");
    says(
        &report,
        "Flow control stopped writes for 40 % of the time at most (db2, 2 writers). The slowest node",
    );
    says(&report, "sets the pace, db3, which asked for 12 pauses and had up to 70 write-sets to apply");
}

/// What the text tells of a run, the page tells as well.
#[test]
fn the_page_tells_what_the_text_tells() {
    let mut report = compared();
    let run = &mut report.runs[2];
    (run.unnamed, run.unknown, run.given_up) = (17, 3, 145);
    (run.logs_not_read, run.logs_cut) = (vec![name(0)], vec![name(1)]);
    let report = advised(report);
    for told in [
        "17 conflicts more, of which the logs name no row",
        "3 transactions may have been committed",
        "145 x given up after ten repeats",
        "logs not read: db1",
        "they told too much: db2",
    ] {
        assert!(html(&report).contains(told), "the page: {told}");
        let text = text(&report, None).split_whitespace().collect::<Vec<_>>().join(" ");
        assert!(text.contains(told), "the text: {told}");
    }
}

/// Names, keys and errors come from servers and from the user's file.
#[test]
fn nothing_that_others_wrote_is_read_as_html() {
    let evil = "<script>alert('x')</script>\"&";
    let mut report = compared();
    report.cluster = evil.into();
    report.asked.workload = evil.into();
    report.runs[2].conflicts.push(met(evil, Some(evil), 1, 0));
    report.runs[2].errors.push(Error { times: 1, error: evil.into() });
    report.runs[2].name = evil.into();
    report.left.push(evil.into());
    let page = html(&advised(report));
    assert!(
        page.contains("&lt;script&gt;alert(&#39;x&#39;)&lt;/script&gt;&quot;&amp;")
            && !page.contains("<script")
    );
    for needs in ["http:", "https:", "src=", "href=", "url("] {
        assert!(!page.contains(needs), "the page needs something else: {needs}");
    }
    assert_eq!(page.matches("<svg").count(), 3 + 4);
    assert_eq!(page.matches("<tr>").count(), page.matches("</tr>").count());
}
