//! A status with its short past → the lines of a terminal of any size.

mod columns;
mod history;

use std::collections::BTreeMap;

use super::{Health, NodeStatus, ServerState, Status, line};
use crate::galera::inventory::Thresholds;
use crate::galera::judge::codes;
use crate::kernel::judge::Finding;
use crate::kernel::model::NodeName;

pub use history::Histories;

/// What is shown, and the size of the terminal.
pub struct Scene<'a> {
    pub status: &'a Status,
    pub histories: &'a Histories,
    pub thresholds: &'a Thresholds,
    /// The time of day, in words.
    pub clock: &'a str,
    /// Seconds between two scans.
    pub every: u64,
    /// The age in seconds of the oldest of all nodes' last scans.
    pub age: u64,
    pub width: usize,
    pub height: usize,
    /// The terminal shows no other characters.
    pub ascii: bool,
}

/// What a line means, which gives it its colour.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Tone {
    Plain,
    Heading,
    Good,
    Warn,
    Bad,
    Faint,
}

/// One line of the terminal, no wider than it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Line {
    pub text: String,
    pub tone: Tone,
}

impl Line {
    fn new(tone: Tone, text: impl Into<String>) -> Self {
        Self { text: text.into(), tone }
    }
}

impl From<Health> for Tone {
    fn from(health: Health) -> Self {
        match health {
            Health::Healthy => Self::Good,
            Health::Degraded => Self::Warn,
            Health::Critical => Self::Bad,
        }
    }
}

/// The verdict, the table, and what is not as it should be: at most `height` lines, and the worst
/// of each where not all of it fits.
pub fn frame(scene: &Scene<'_>) -> Vec<Line> {
    let Scene { status, clock, every, age, .. } = scene;
    let mut lines = vec![
        Line::new(status.health.into(), format!("`{}` is {}", status.cluster, status.verdict)),
        Line::new(Tone::Faint, format!("{clock}, every {every} s, data at most {age} s old; q leaves")),
        Line::new(Tone::Plain, ""),
    ];
    let rows = columns::rows(scene);
    let room = scene.height.saturating_sub(lines.len() + 1);
    let findings: Vec<_> = status.findings.iter().map(|finding| wrapped(finding, scene.width)).collect();
    let (for_rows, for_findings) = shares(room, rows.len(), findings.iter().map(Vec::len).sum());
    lines.push(Line::new(Tone::Heading, columns::heading(scene, &rows)));
    lines.extend(columns::lines(scene, rows, for_rows));
    lines.extend(shown(findings, for_findings));
    lines.truncate(scene.height);
    for line in &mut lines {
        line.text = fitted(&line.text, scene.width, scene.ascii);
    }
    lines
}

/// How many lines the rows get, and how many the findings with a blank line above them. Where not all fit,
/// the findings get a third.
fn shares(room: usize, rows: usize, findings: usize) -> (usize, usize) {
    let wanted = if findings == 0 { 0 } else { findings + 1 };
    let for_findings = wanted.min((room / 3).max(room.saturating_sub(rows)));
    (room - for_findings, for_findings)
}

/// As many findings as there is room for, and a count of the rest.
fn shown(findings: Vec<Vec<Line>>, room: usize) -> Vec<Line> {
    let mut lines = vec![Line::new(Tone::Plain, "")];
    let mut rest = findings.len();
    for finding in findings {
        let for_count = usize::from(rest > 1);
        if lines.len() + finding.len() + for_count > room {
            break;
        }
        lines.extend(finding);
        rest -= 1;
    }
    if rest > 0 {
        lines.push(Line::new(
            Tone::Faint,
            format!("… {rest} more {}", if rest == 1 { "finding" } else { "findings" }),
        ));
    }
    lines.truncate(room);
    lines
}

/// A finding over as many lines as it takes.
fn wrapped(finding: &Finding, width: usize) -> Vec<Line> {
    let (text, tone) = (line(finding), Tone::from(Health::from(finding.severity)));
    let mut lines = vec![String::new()];
    for word in text.split(' ') {
        let last =
            lines.last_mut().filter(|last| last.is_empty() || length(last) + 1 + length(word) <= width);
        match last {
            Some(last) if last.is_empty() => *last += word,
            Some(last) => *last += &format!(" {word}"),
            None => lines.push(format!("  {word}")),
        }
    }
    lines.into_iter().map(|line| Line::new(tone, line)).collect()
}

fn length(text: &str) -> usize {
    text.chars().count()
}

/// The text without characters that the terminal cannot show, cut to its width.
fn fitted(text: &str, width: usize, ascii: bool) -> String {
    let text = if ascii { text.replace('…', "...") } else { text.to_owned() };
    let plain = |c: char| if ascii && !c.is_ascii() { '?' } else { c };
    text.chars().map(plain).take(width).collect()
}

/// The status without the finding of a split: nodes that are scanned one after the other can look split while the view
/// changes.
pub fn unsettled(mut status: Status) -> Status {
    status.findings.retain(|finding| finding.code != codes::SPLIT);
    status.judged()
}

/// Shows the nodes that hang, which `status` has not seen, as they were `stale` seconds ago.
pub fn aged(mut status: Status, before: &Status, stale: &BTreeMap<NodeName, u64>) -> Status {
    for node in &mut status.nodes {
        let Some(age) = stale.get(&node.node) else { continue };
        if let Some(known) = before.nodes.iter().find(|known| known.node == node.node) {
            let state = ServerState::Old { was: Box::new(known.state.clone()), seconds: *age };
            *node = NodeStatus { state, primary: false, synced: false, ..known.clone() };
        }
    }
    status
}
