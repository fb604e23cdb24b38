//! The table: as many columns as fit, and as much of the past as fits beside its numbers.

use super::{Line, Scene, Tone};
use crate::galera::facts::Rates;
use crate::galera::status::table::{HEADINGS, decimal};
use crate::galera::status::{Health, Status, rows as status_rows};
use crate::kernel::model::NodeName;

const BETWEEN: usize = 2;
/// A column's history has at least so many samples, or none.
const SHORTEST: usize = 8;
/// A column's history has at most so many samples: nobody reads more.
const LONGEST: usize = 60;

struct Column {
    heading: &'static str,
    /// Which columns are given up first where the terminal is narrow; 0 never.
    rank: usize,
    /// The least width, so that columns do not jump with every digit.
    least: usize,
    past: Option<fn(&Rates) -> f64>,
}

const fn column(heading: &'static str, rank: usize, least: usize) -> Column {
    Column { heading, rank, least, past: None }
}

const fn with_past(heading: &'static str, least: usize, past: fn(&Rates) -> f64) -> Column {
    Column { heading, rank: 0, least, past: Some(past) }
}

const WRITES: &str = "WRITES/S";

#[allow(clippy::cast_precision_loss, reason = "queues are far below 2^52")]
const COLUMNS: [Column; 13] = [
    column("NODE", 0, 4),
    column("ADDRESS", 4, 7),
    column("STATE", 0, 6),
    column("SIZE", 3, 4),
    column("VIEW", 7, 4),
    column("SEQNO", 1, 8),
    with_past(WRITES, 5, |rates| rates.write_sets),
    with_past("QUEUE", 3, |rates| rates.receive_queue as f64),
    with_past("FLOW", 5, |rates| rates.flow_control),
    column("CERT/S", 5, 6),
    column("ABORT/S", 6, 7),
    column("IST WINDOW", 2, 10),
    column("VERSION", 8, 10),
];

/// A member's row, in order of [`COLUMNS`].
pub struct Row {
    /// Only data nodes have a past.
    node: Option<NodeName>,
    /// The worst that is found of it.
    health: Health,
    cells: Vec<String>,
}

/// In start order; arbitrators and proxies last.
pub fn rows(scene: &Scene<'_>) -> Vec<Row> {
    let status = scene.status;
    let names = status.nodes.iter().map(|node| Some(&node.node));
    let beside = status.arbitrators.len() + status.proxies.len();
    let names = names.chain(std::iter::repeat_n(None, beside));
    let row = |(name, cells): (Option<&NodeName>, Vec<String>)| {
        let writes = status.nodes.iter().find(|node| Some(&node.node) == name);
        let writes = writes.and_then(|node| node.rates.as_ref()).map(|rates| decimal(rates.write_sets));
        let cell = |column: &Column| match HEADINGS.iter().position(|heading| *heading == column.heading) {
            Some(index) => cells[index].clone(),
            None => writes.clone().unwrap_or_else(|| "-".into()),
        };
        let cells = COLUMNS.iter().map(cell).collect();
        Row { node: name.cloned(), health: worst(status, name), cells }
    };
    names.zip(status_rows(status)).map(row).collect()
}

fn worst(status: &Status, node: Option<&NodeName>) -> Health {
    let of_node = status.findings.iter().filter(|finding| node.is_some() && finding.node.as_ref() == node);
    of_node.map(|finding| finding.severity.into()).max().unwrap_or(Health::Healthy)
}

/// The heading over these rows.
pub fn heading(scene: &Scene<'_>, rows: &[Row]) -> String {
    let layout = Layout::of(scene, rows);
    joined(
        layout
            .shown
            .iter()
            .map(|shown| format!("{:width$}", COLUMNS[shown.index].heading, width = shown.whole)),
    )
}

/// As many rows as there is room for: all in their order, or the worst first and a count of the rest.
pub fn lines(scene: &Scene<'_>, mut rows: Vec<Row>, room: usize) -> Vec<Line> {
    let layout = Layout::of(scene, &rows);
    let mut rest = Vec::new();
    if rows.len() > room {
        rows.sort_by_key(|row| std::cmp::Reverse(row.health));
        rest = rows.split_off(room.saturating_sub(1));
    }
    let mut lines: Vec<_> = rows.iter().map(|row| Line::new(tone(row), layout.line(scene, row))).collect();
    if !rest.is_empty() {
        let unwell = rest.iter().filter(|row| row.health > Health::Healthy).count();
        let words = match unwell {
            0 => "all well".to_owned(),
            _ if unwell == rest.len() => "none of them well".to_owned(),
            _ => format!("{unwell} of them not well"),
        };
        lines.push(Line::new(Tone::Faint, format!("… {} more, {words}", rest.len())));
    }
    lines
}

fn tone(row: &Row) -> Tone {
    if row.health == Health::Healthy { Tone::Plain } else { row.health.into() }
}

fn joined(cells: impl Iterator<Item = String>) -> String {
    cells.collect::<Vec<_>>().join(&" ".repeat(BETWEEN)).trim_end().to_owned()
}

/// A column that is shown, with the width of its number and of all of it.
struct Shown {
    index: usize,
    number: usize,
    whole: usize,
}

struct Layout {
    shown: Vec<Shown>,
    /// Samples beside each number.
    past: usize,
}

impl Layout {
    /// Chooses the columns that must be shown, then those that fit. The room that is left is for their histories.
    fn of(scene: &Scene<'_>, rows: &[Row]) -> Self {
        let number = |index: usize| {
            let widest = rows.iter().map(|row| row.cells[index].chars().count()).max().unwrap_or(0);
            widest.max(COLUMNS[index].least)
        };
        let whole = |index: usize, past: usize| {
            let past = COLUMNS[index].past.filter(|_| past > 0).map_or(0, |_| past + 1);
            (number(index) + past).max(COLUMNS[index].heading.len())
        };
        let total = |columns: &[usize], past: usize| {
            columns.iter().map(|index| whole(*index, past) + BETWEEN).sum::<usize>().saturating_sub(BETWEEN)
        };
        let mut order: Vec<usize> = (0..COLUMNS.len()).collect();
        order.sort_by_key(|index| COLUMNS[*index].rank);
        let mut columns: Vec<usize> =
            order.iter().copied().filter(|index| COLUMNS[*index].rank == 0).collect();
        let mut past = if total(&columns, SHORTEST) <= scene.width { SHORTEST } else { 0 };
        for index in order.into_iter().skip(columns.len()) {
            let more = [columns.as_slice(), &[index]].concat();
            if total(&more, past) <= scene.width {
                columns = more;
            }
        }
        while past > 0 && past < LONGEST && total(&columns, past + 1) <= scene.width {
            past += 1;
        }
        columns.sort_unstable();
        let shown = columns.iter().map(|index| Shown {
            index: *index,
            number: number(*index),
            whole: whole(*index, past),
        });
        Self { shown: shown.collect(), past }
    }

    fn line(&self, scene: &Scene<'_>, row: &Row) -> String {
        joined(self.shown.iter().map(|shown| {
            let cell = &row.cells[shown.index];
            let cell = match COLUMNS[shown.index].past.filter(|_| self.past > 0) {
                Some(past) => {
                    let line = row.node.as_ref().map_or_else(String::new, |node| {
                        let full = full(scene, &COLUMNS[shown.index], past, self.past);
                        scene.histories.line(node, past, full, (self.past, scene.ascii))
                    });
                    format!("{cell:>number$} {line}", number = shown.number)
                }
                None => cell.clone(),
            };
            format!("{cell:whole$}", whole = shown.whole)
        }))
    }
}

/// The value that a whole block stands for: the critical limit, or for writes the highest value that is shown.
fn full(scene: &Scene<'_>, column: &Column, past: fn(&Rates) -> f64, length: usize) -> f64 {
    match column.heading {
        "QUEUE" => scene.thresholds.receive_queue.critical,
        "FLOW" => scene.thresholds.flow_control.critical,
        _ => scene.histories.highest(past, length),
    }
}
