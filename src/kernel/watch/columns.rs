//! The table: as many columns as fit, and as much of the past as fits beside its numbers.

use super::{Histories, Line, Tone};
use crate::kernel::judge::Health;
use crate::kernel::model::NodeName;

const BETWEEN: usize = 2;
/// A column's history has at least so many samples, or none.
const SHORTEST: usize = 8;
/// A column's history has at most so many samples: nobody reads more.
const LONGEST: usize = 60;

/// A column of nodes with samples `S`.
pub struct Column<S> {
    pub heading: &'static str,
    /// Which columns are given up first where the terminal is narrow; 0 never.
    rank: usize,
    /// The least width, so that columns do not jump with every digit.
    least: usize,
    pub past: Option<fn(&S) -> f64>,
}

impl<S> Column<S> {
    pub const fn new(heading: &'static str, rank: usize, least: usize) -> Self {
        Self { heading, rank, least, past: None }
    }

    pub const fn with_past(heading: &'static str, least: usize, past: fn(&S) -> f64) -> Self {
        Self { heading, rank: 0, least, past: Some(past) }
    }
}

/// A member's row.
pub struct Row {
    /// Only data nodes have a past.
    pub node: Option<NodeName>,
    /// The worst that is found of it.
    pub health: Health,
    /// In order of the columns.
    pub cells: Vec<String>,
}

/// The rows with their past.
pub struct Table<'a, S> {
    pub columns: &'a [Column<S>],
    pub rows: Vec<Row>,
    pub histories: &'a Histories<S>,
    /// The value that a whole block stands for, where it is not the highest that is shown: by the column's heading.
    pub full: &'a dyn Fn(&str) -> Option<f64>,
    pub width: usize,
    pub ascii: bool,
}

impl<S> Table<'_, S> {
    /// The heading over the rows.
    pub fn heading(&self) -> String {
        let layout = Layout::of(self);
        let shown = layout.shown.iter();
        joined(shown.map(|it| format!("{:width$}", self.columns[it.index].heading, width = it.whole)))
    }

    /// As many rows as there is room for: all in their order, or the worst first and a count of the rest.
    pub fn lines(mut self, room: usize) -> Vec<Line> {
        let layout = Layout::of(&self);
        let mut rest = Vec::new();
        if self.rows.len() > room {
            self.rows.sort_by_key(|row| std::cmp::Reverse(row.health));
            rest = self.rows.split_off(room.saturating_sub(1));
        }
        let mut lines: Vec<_> =
            self.rows.iter().map(|row| Line::new(tone(row), layout.line(&self, row))).collect();
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
    fn of<S>(table: &Table<'_, S>) -> Self {
        let Table { columns: all, rows, width: room, .. } = table;
        let number = |index: usize| {
            let widest = rows.iter().map(|row| row.cells[index].chars().count()).max().unwrap_or(0);
            widest.max(all[index].least)
        };
        let whole = |index: usize, past: usize| {
            let past = all[index].past.filter(|_| past > 0).map_or(0, |_| past + 1);
            (number(index) + past).max(all[index].heading.len())
        };
        let total = |columns: &[usize], past: usize| {
            columns.iter().map(|index| whole(*index, past) + BETWEEN).sum::<usize>().saturating_sub(BETWEEN)
        };
        let mut order: Vec<usize> = (0..all.len()).collect();
        order.sort_by_key(|index| all[*index].rank);
        let mut columns: Vec<usize> = order.iter().copied().filter(|index| all[*index].rank == 0).collect();
        let mut past = if total(&columns, SHORTEST) <= *room { SHORTEST } else { 0 };
        for index in order.into_iter().skip(columns.len()) {
            let more = [columns.as_slice(), &[index]].concat();
            if total(&more, past) <= *room {
                columns = more;
            }
        }
        while past > 0 && past < LONGEST && total(&columns, past + 1) <= *room {
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

    fn line<S>(&self, table: &Table<'_, S>, row: &Row) -> String {
        joined(self.shown.iter().map(|shown| {
            let cell = &row.cells[shown.index];
            let cell = match table.columns[shown.index].past.filter(|_| self.past > 0) {
                Some(past) => {
                    let line = row.node.as_ref().map_or_else(String::new, |node| {
                        let full = (table.full)(table.columns[shown.index].heading)
                            .unwrap_or_else(|| table.histories.highest(past, self.past));
                        table.histories.line(node, past, full, (self.past, table.ascii))
                    });
                    format!("{cell:>number$} {line}", number = shown.number)
                }
                None => cell.clone(),
            };
            format!("{cell:whole$}", whole = shown.whole)
        }))
    }
}
