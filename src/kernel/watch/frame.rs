//! A whole terminal: the verdict, the table, what has happened, and what is not as it should be.

use super::{Line, Table, Tone};
use crate::kernel::judge::{Finding, Health};

/// What stands around the table.
pub struct Frame<'a> {
    pub cluster: &'a str,
    pub health: Health,
    pub verdict: &'a str,
    pub findings: &'a [Finding],
    /// What has happened in the last minutes, the newest last.
    pub events: &'a [String],
    pub view: View<'a>,
}

/// The moment, and the terminal.
#[derive(Debug, Clone, Copy)]
pub struct View<'a> {
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

/// At most `height` lines, and the worst of each where not all of it fits.
pub fn frame<S>(frame: &Frame<'_>, table: Table<'_, S>) -> Vec<Line> {
    let Frame { cluster, verdict, .. } = frame;
    let View { clock, every, age, width, height, ascii } = frame.view;
    let mut lines = vec![
        Line::new(frame.health.into(), format!("`{cluster}` is {verdict}")),
        Line::new(Tone::Faint, format!("{clock}, every {every} s, data at most {age} s old; q leaves")),
        Line::new(Tone::Plain, ""),
    ];
    let room = height.saturating_sub(lines.len() + 1);
    let findings: Vec<_> = frame.findings.iter().map(|finding| wrapped(finding, width)).collect();
    let (for_rows, for_findings) = shares(room, table.rows.len(), findings.iter().map(Vec::len).sum());
    lines.push(Line::new(Tone::Heading, table.heading()));
    lines.extend(table.lines(for_rows));
    lines.extend(shown(findings, for_findings));
    lines.extend(happened(frame.events, height.saturating_sub(lines.len())));
    lines.truncate(height);
    for line in &mut lines {
        line.text = fitted(&line.text, width, ascii);
    }
    lines
}

/// The newest events for which there is room, below all else.
fn happened(events: &[String], room: usize) -> Vec<Line> {
    if events.is_empty() || room < 2 {
        return Vec::new();
    }
    let newest = &events[events.len().saturating_sub(room - 1)..];
    let lines = newest.iter().map(|event| Line::new(Tone::Faint, event));
    std::iter::once(Line::new(Tone::Plain, "")).chain(lines).collect()
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
    let (text, tone) =
        (format!("{}: {finding}", finding.severity), Tone::from(Health::from(finding.severity)));
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
