//! A preflight as a table, and what there is to do about it.

use super::{fold, table_within};
use crate::kernel::judge::Finding;
use crate::kernel::judge::preflight::{Level, Report};

/// A line a check, then a paragraph for everything that fails or warns, then the verdict.
pub fn preflight_text<Ports>(report: &Report<Ports>) -> String {
    preflight_text_within(report, None)
}

/// The same no wider than `width`, where that is known.
pub fn preflight_text_within<Ports>(report: &Report<Ports>, width: Option<usize>) -> String {
    let rows: Vec<_> = report.checks().into_iter().filter_map(|check| summary(report, check)).collect();
    let mut text = table_within(&["CHECK", "RESULT", "NODES"], &rows, width);
    for level in [Level::Fail, Level::Warn] {
        for (check, finding) in report.findings(level) {
            text += &fold(&paragraph(level, check, finding), width);
        }
    }
    text + &verdict(report)
}

/// The check's worst level, with the nodes at that level.
fn summary<Ports>(report: &Report<Ports>, id: &str) -> Option<Vec<String>> {
    let rows = || report.rows.iter().filter(|row| row.check == id);
    let worst = rows().map(|row| row.level).max()?;
    let mut nodes: Vec<String> = Vec::new();
    for row in rows().filter(|row| row.level == worst) {
        let node = row.node().map_or_else(|| "all".to_owned(), ToString::to_string);
        if !nodes.contains(&node) {
            nodes.push(node);
        }
    }
    let nodes = match worst {
        Level::Pass if nodes.len() > 1 => format!("all {}", nodes.len()),
        _ => nodes.join(", "),
    };
    Some(vec![id.to_owned(), word(worst).to_owned(), nodes])
}

fn paragraph(level: Level, check: &str, finding: &Finding) -> String {
    format!("\n{}[{check}] {finding}\n  next: {}\n", word(level), finding.remedy)
}

fn verdict<Ports>(report: &Report<Ports>) -> String {
    let [failed, warned, passed] = [Level::Fail, Level::Warn, Level::Pass].map(|level| {
        let count = report.of(level).count();
        format!("{count} {}", word(level))
    });
    format!("\n{}: {failed}, {warned}, {passed}\n", report.cluster)
}

fn word(level: Level) -> &'static str {
    match level {
        Level::Pass => "pass",
        Level::Warn => "warn",
        Level::Fail => "fail",
    }
}
