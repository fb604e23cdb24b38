//! What a comparison of nodes has found, as text, and how far it has come.

use std::sync::{Mutex, PoisonError};

use indicatif::{ProgressBar, ProgressStyle};

use super::{Printer, fold, table_within};
use crate::kernel::compare::{
    ColumnDifference, Difference, Key, Outcome, Progress, Report, TableReport, Verdict, What,
};
use crate::kernel::inventory::text::visible;
use crate::kernel::model::NodeName;
use crate::kernel::model::words::count;

/// A bar on a terminal, a line for each large table elsewhere.
#[derive(Default)]
pub struct CompareBar(Mutex<Option<ProgressBar>>);

impl CompareBar {
    pub fn show(&self, progress: &Progress) {
        if Printer::is_quiet() || !Printer::narrates_to_terminal() {
            return;
        }
        let mut bar = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let bar = bar.get_or_insert_with(|| {
            let style = ProgressStyle::with_template("{bar:30} [{elapsed}] {wide_msg}");
            ProgressBar::new(0).with_style(style.unwrap_or_else(|_| ProgressStyle::default_bar()))
        });
        bar.set_length(progress.estimate.max(progress.rows).max(1));
        bar.set_position(progress.rows);
        let suspected = match progress.suspected {
            0 => String::new(),
            number => format!(", {} to be looked at again", count(number, "row")),
        };
        let Progress { table, number, of, rows, .. } = progress;
        bar.set_message(format!("table {number} of {of}: {table}, {rows} rows{suspected}"));
    }

    pub fn end(&self) {
        if let Some(bar) = self.0.lock().unwrap_or_else(PoisonError::into_inner).take() {
            bar.finish_and_clear();
        }
    }
}

/// A line for each table, then what differs, at most so many keys of each table.
pub fn compare_text(report: &Report, show: usize, width: Option<usize>) -> String {
    let rows: Vec<_> = report.tables.iter().map(|table| line(table).to_vec()).collect();
    let mut text = String::new();
    if !rows.is_empty() {
        text += &table_within(&["TABLE", "ROWS", "CHUNKS", "RESULT"], &rows, width);
        text += "\n";
    }
    let details: String = report.tables.iter().map(|table| details(table, show)).collect();
    text += &fold(&(details + &beside(report) + &verdict(report)), width);
    text
}

fn line(table: &TableReport) -> [String; 4] {
    let least = table.rows.values().min().copied().unwrap_or(0);
    let most = table.rows.values().max().copied().unwrap_or(0);
    // Nodes that are read while clients write do not count at the same moment.
    let rows = if least == most || table.outcome != Outcome::Differs {
        most.to_string()
    } else {
        format!("{least} to {most}")
    };
    [table.table.to_string(), rows, table.chunks.to_string(), result(table)]
}

fn result(table: &TableReport) -> String {
    let mut parts = Vec::new();
    if !table.missing_on.is_empty() {
        parts.push(format!("only on {}", list(table.rows.keys())));
    }
    if !table.columns.is_empty() {
        parts.push("definitions differ".to_owned());
    }
    match &table.outcome {
        Outcome::Equal if table.rows.len() < 2 => {}
        Outcome::Equal if parts.is_empty() => parts.push("equal".into()),
        Outcome::Equal => parts.push("rows are equal".into()),
        Outcome::Differs if table.key.is_empty() => parts.push("differs (no key)".into()),
        Outcome::Differs => {
            parts.push(format!("differs ({}{})", count(table.differences.len(), "key"), more(table)));
        }
        Outcome::Busy => parts.push("equal but for rows that are being written to".into()),
        Outcome::NotCompared(why) => parts.push(format!("rows not compared: {why}")),
        Outcome::Failed { .. } => parts.push("not compared to its end".into()),
    }
    parts.join("; ")
}

fn more(table: &TableReport) -> &'static str {
    if table.unopened > 0 { " or more" } else { "" }
}

fn list<'a>(nodes: impl IntoIterator<Item = &'a NodeName>) -> String {
    nodes.into_iter().map(NodeName::as_str).collect::<Vec<_>>().join(", ")
}

/// What differs in a table; nothing where it is equal.
fn details(table: &TableReport, show: usize) -> String {
    let mut text = String::new();
    if !table.missing_on.is_empty() {
        text += &format!("  not there on {}\n", list(&table.missing_on));
    }
    text.extend(table.columns.iter().map(column));
    if let Outcome::Failed { node, why } = &table.outcome {
        text += &format!("  not compared: {node}: {}\n", visible(why));
    }
    if table.outcome == Outcome::Differs && table.key.is_empty() {
        let rows: Vec<_> = table.rows.iter().map(|(node, rows)| format!("{node} {rows}")).collect();
        text += &format!("  it has no key by which a row could be named; rows: {}\n", rows.join(", "));
    }
    text.extend(table.differences.iter().take(show).map(|difference| row(table, difference)));
    if let Some(rest) = table.differences.len().checked_sub(show).filter(|rest| *rest > 0) {
        text += &format!("  and {rest} more, which --output json lists\n");
    }
    if table.unopened > 0 {
        text += &format!(
            "  {} more differ, and their rows were not looked for\n",
            count(capped(table.unopened), "piece")
        );
    }
    let busy = table.busy.iter().take(show);
    text.extend(busy.map(|key| format!("  {}: written to at each look\n", named(table, key))));
    if let Some(rest) = table.busy.len().checked_sub(show).filter(|rest| *rest > 0) {
        text += &format!("  and {rest} more rows written to at each look\n");
    }
    if text.is_empty() { text } else { format!("{}\n{text}\n", table.table) }
}

fn capped(number: u64) -> usize {
    usize::try_from(number).unwrap_or(usize::MAX)
}

fn column(difference: &ColumnDifference) -> String {
    let what = match &difference.what {
        What::Column(name) => format!("column {}", visible(name)),
        What::Order => "order of columns".into(),
        What::Key => "key".into(),
    };
    let on = |(nodes, definition): (Vec<NodeName>, Option<&str>)| {
        format!("{}: {}", list(&nodes), definition.map_or("none".into(), visible))
    };
    let groups = Difference { key: Key(Vec::new()), nodes: difference.nodes.clone(), values: [].into() };
    let groups: Vec<_> = groups.groups().into_iter().map(on).collect();
    format!("  {what}: {}\n", groups.join("; "))
}

/// `id 5`, `region eu, id 5`.
fn named(table: &TableReport, key: &Key) -> String {
    let values = table.key.iter().zip(&key.0);
    let values: Vec<_> =
        values.map(|(name, value)| format!("{} {}", visible(name), visible(value))).collect();
    values.join(", ")
}

fn row(table: &TableReport, difference: &Difference) -> String {
    let groups = difference.groups();
    let mut rows = 0;
    let said: Vec<_> = groups
        .iter()
        .map(|(nodes, hash)| {
            let word = match (hash, rows) {
                (None, _) => "no row",
                (Some(_), 0) => "a row",
                (Some(_), _) => "another row",
            };
            rows += usize::from(hash.is_some());
            format!("{} {word}", list(nodes))
        })
        .collect();
    let mut text = format!("  {}: {}\n", named(table, &difference.key), said.join("; "));
    for (nodes, _) in &groups {
        text += &values(difference, nodes);
    }
    text
}

/// The columns in which the nodes' values differ; all, where some of them have no such row.
fn values(difference: &Difference, nodes: &[NodeName]) -> String {
    let Some(values) = nodes.first().and_then(|node| difference.values.get(node)) else {
        return String::new();
    };
    let everywhere = difference.values.len() == difference.nodes.len();
    let differs = |name: &String| {
        !everywhere || difference.values.values().any(|other| other.get(name) != values.get(name))
    };
    let shown = values.iter().filter(|(name, _)| differs(name)).map(|(name, value)| {
        let value = value.as_ref().map_or("NULL".to_owned(), |value| format!("'{}'", visible(value)));
        format!("{} = {value}", visible(name))
    });
    format!("    {}: {}\n", list(nodes), shown.collect::<Vec<_>>().join(", "))
}

/// Nodes and tables that were left out.
fn beside(report: &Report) -> String {
    let nodes = report.left_out.iter().map(|it| format!("not compared: {}: {}\n", it.node, visible(&it.why)));
    let tables = report
        .apart
        .iter()
        .map(|(table, why)| format!("left out: {table}: {}; --table {table} compares it\n", visible(why)));
    let text: String = nodes.chain(tables).collect();
    if text.is_empty() { text } else { text + "\n" }
}

fn verdict(report: &Report) -> String {
    let differ = report.tables.iter().filter(|table| table.differs()).count();
    let said = match report.verdict() {
        Verdict::Equal => "equal".to_owned(),
        Verdict::Busy => "equal, but for rows that are being written to".into(),
        Verdict::Incomplete => "what was compared is equal".into(),
        Verdict::Differs => format!("{differ} not the same everywhere"),
    };
    format!("{} on {}: {said}\n", count(report.tables.len(), "table"), list(&report.nodes))
}
