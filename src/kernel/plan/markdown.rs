//! A plan as Markdown, for a comment on a pull request: the summary first, the diffs folded.

use std::fmt::Write;

use super::{Action, Command, Plan, PutFile, Situation};
use crate::kernel::model::words::count;

/// The whole plan. What hosts and inventories say is escaped, so that it cannot become markup.
pub fn markdown<C: Command, A: Action>(plan: &Plan<C, A>) -> String {
    let mut out = format!("## {}\n\n", escaped(&plan.headline()));
    if plan.is_empty() {
        let _ = writeln!(out, "**Nothing to do:** {}.\n", plan.command.why_nothing());
    } else {
        let (steps, stages) = (count(plan.steps().count(), "step"), count(plan.stages.len(), "stage"));
        let _ = writeln!(out, "**{steps} in {stages}.** In this order: {}.\n", stage_titles(plan));
    }
    list(&mut out, "What it means", &plan.consequences);
    list(&mut out, "Warnings", &plan.warnings);
    overview(&mut out, plan);
    for situation in &plan.situation {
        node_table(&mut out, plan, situation);
    }
    for step in plan.steps() {
        if let Some(file) = step.action.file() {
            folded_diff(&mut out, step.node.as_str(), file);
        }
    }
    out
}

fn stage_titles<C: Command, A: Action>(plan: &Plan<C, A>) -> String {
    let titles: Vec<_> = plan.stages.iter().map(|stage| stage.title.to_lowercase()).collect();
    titles.join(" → ")
}

fn list(out: &mut String, title: &str, lines: &[String]) {
    if lines.is_empty() {
        return;
    }
    let _ = writeln!(out, "### {title}\n");
    for line in lines {
        let _ = writeln!(out, "- {}", escaped(line));
    }
    out.push('\n');
}

fn overview<C: Command, A: Action>(out: &mut String, plan: &Plan<C, A>) {
    out.push_str("| node | address | now | steps |\n| --- | --- | --- | --- |\n");
    for situation in &plan.situation {
        let Situation { node, address, seen, .. } = situation;
        let steps = plan.steps().filter(|step| situation.has(step)).count();
        let _ = writeln!(out, "| {node} | {} | {} | {steps} |", escaped(address), escaped(seen));
    }
    out.push('\n');
}

/// The node's own steps, with their places among the steps of all.
fn node_table<C: Command, A: Action>(out: &mut String, plan: &Plan<C, A>, situation: &Situation) {
    let steps = plan.steps().enumerate().filter(|(_, step)| situation.has(step));
    let rows: Vec<_> = steps
        .map(|(at, step)| {
            let (what, why) = (escaped(&step.action.summary()), escaped(&step.why));
            format!("| {} | {} | {what} | {why} |", at + 1, step.id)
        })
        .collect();
    if !rows.is_empty() {
        let _ =
            writeln!(out, "### {}\n\n| no. | step | what | why |\n| --- | --- | --- | --- |", situation.node);
        let _ = writeln!(out, "{}\n", rows.join("\n"));
    }
}

fn folded_diff(out: &mut String, node: &str, file: &PutFile) {
    let changed = |mark: char| file.diff.lines().skip(2).filter(|line| line.starts_with(mark)).count();
    let summary = format!("{node}: {} (+{} −{})", escaped(&file.path), changed('+'), changed('-'));
    let fence = fence(&file.diff);
    let _ = writeln!(
        out,
        "<details><summary>{summary}</summary>\n\n{fence}diff\n{}{fence}\n\n</details>\n",
        file.diff
    );
}

/// Longer than any run of backquotes in the text.
fn fence(text: &str) -> String {
    let longest = text.split(|c| c != '`').map(str::len).max().unwrap_or(0);
    "`".repeat(longest.max(2) + 1)
}

/// Characters that mean something in Markdown, or in a table's cell, mean themselves.
fn escaped(text: &str) -> String {
    text.chars().fold(String::new(), |mut out, c| {
        match c {
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '&' => out.push_str("&amp;"),
            '\n' => out.push(' '),
            '|' | '*' | '_' | '[' | ']' | '\\' | '#' | '~' | '@' => {
                out.push('\\');
                out.push(c);
            }
            _ => out.push(c),
        }
        out
    })
}
