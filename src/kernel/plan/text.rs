//! A plan, and a refusal, as a person reads them.

use std::fmt::Write;

use super::{Action, Command, Plan, Stage, Width};
use crate::kernel::judge::Finding;
use crate::kernel::model::words::count;

/// Characters that an id takes at least, so that short plans look alike.
const NARROWEST_ID: usize = 22;

/// The whole plan: what is there, what follows from it, what is done, and every file's diff.
pub fn text<C: Command, A: Action>(plan: &Plan<C, A>) -> String {
    let mut out = plan.headline() + "\n";
    section(
        &mut out,
        "Now",
        plan.situation.iter().map(|line| format!("{:10} {:15} {}", line.node, line.address, line.seen)),
    );
    section(&mut out, "What it means", plan.consequences.iter().cloned());
    section(&mut out, "Warnings", plan.warnings.iter().cloned());
    if plan.is_empty() {
        let _ = writeln!(out, "\nNothing to do: {}.", plan.command.why_nothing());
        return out;
    }
    let ids = plan.steps().map(|step| step.id.len());
    let widest = ids.max().unwrap_or(0).max(NARROWEST_ID);
    for (number, stage) in plan.stages.iter().enumerate() {
        stage_text(&mut out, number + 1, stage, widest);
    }
    for step in plan.steps() {
        if let Some(file) = step.action.file() {
            let _ = write!(out, "\n{}", file.diff);
        }
    }
    let _ =
        writeln!(out, "\n{} in {}.", count(plan.steps().count(), "step"), count(plan.stages.len(), "stage"));
    out
}

fn section(out: &mut String, title: &str, lines: impl Iterator<Item = String>) {
    let lines: Vec<_> = lines.collect();
    if !lines.is_empty() {
        let _ = writeln!(out, "\n{title}");
        for line in lines {
            let _ = writeln!(out, "  {line}");
        }
    }
}

fn stage_text<A: Action>(out: &mut String, number: usize, stage: &Stage<A>, widest: usize) {
    let width = match stage.width {
        Width::NodesInParallel => " (all nodes at once)",
        Width::Serial => "",
    };
    let lines = stage.steps.iter().map(|step| {
        let (id, what, why) = (&step.id, step.action.summary(), &step.why);
        format!(
            "{id:widest$} {what}
{:indent$}because {why}",
            "",
            indent = widest + 4
        )
    });
    section(out, &format!("{number}. {}{width}", stage.title), lines);
}

/// One refusal a paragraph: guard, node, evidence, and what to do next.
pub fn refusals_text(refusals: &[Finding]) -> String {
    let paragraph =
        |refusal: &Finding| format!("refused[{}] {refusal}\n  next: {}\n", refusal.code, refusal.remedy);
    refusals.iter().map(paragraph).collect()
}
