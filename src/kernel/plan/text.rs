//! A plan, and a refusal, as a person reads them.

use super::diffs::diffs;
use super::line::{Line, Tone};
use super::{Action, Command, Plan, Situation, Stage, Width};
use crate::kernel::judge::Finding;
use crate::kernel::model::words::count;

/// Characters that an id takes at least, so that short plans look alike.
const NARROWEST_ID: usize = 22;
/// How a sentence begins that tells of data that is lost.
const LOSS: &str = "DISCARDED";

/// The plan's lines as one text.
pub fn text<C: Command, A: Action>(plan: &Plan<C, A>) -> String {
    lines(plan).into_iter().map(|line| line.text + "\n").collect()
}

/// The whole plan: what is there, what is done, every file's diff, and at the end what follows from it, because the
/// end is what stands above the question.
pub fn lines<C: Command, A: Action>(plan: &Plan<C, A>) -> Vec<Line> {
    let mut out = vec![Line::new(Tone::Heading, plan.headline())];
    section(&mut out, "Now", situations(&plan.situation));
    let widest = plan.steps().map(|step| step.id.len()).max().unwrap_or(0).max(NARROWEST_ID);
    for (number, stage) in plan.stages.iter().enumerate() {
        stage_lines(&mut out, number + 1, stage, widest);
    }
    let files: Vec<_> = plan.steps().filter_map(|step| Some((&step.node, step.action.file()?))).collect();
    out.extend(diffs(&files));
    section(&mut out, "Warnings", sentences(&plan.warnings, Tone::Warning));
    section(&mut out, "What it means", sentences(&plan.consequences, Tone::Plain));
    out.push(Line::new(Tone::Plain, ""));
    out.push(Line::new(Tone::Heading, summary(plan)));
    out
}

fn summary<C: Command, A: Action>(plan: &Plan<C, A>) -> String {
    if plan.is_empty() {
        return format!("Nothing to do: {}.", plan.command.why_nothing());
    }
    format!("{} in {}.", count(plan.steps().count(), "step"), count(plan.stages.len(), "stage"))
}

fn section(out: &mut Vec<Line>, title: &str, lines: impl IntoIterator<Item = Line>) {
    let mut lines = lines.into_iter().peekable();
    if lines.peek().is_some() {
        out.push(Line::new(Tone::Plain, ""));
        out.push(Line::new(Tone::Heading, title));
        out.extend(lines.map(|line| Line { text: format!("  {}", line.text), hang: line.hang + 2, ..line }));
    }
}

/// Sentences that tell of a loss stand last.
fn sentences(texts: &[String], tone: Tone) -> Vec<Line> {
    let line =
        |text: &String| Line::new(if text.starts_with(LOSS) { Tone::Loss } else { tone }, text.clone());
    let mut lines: Vec<_> = texts.iter().map(line).collect();
    lines.sort_by_key(|line| line.tone == Tone::Loss);
    lines
}

fn situations(situations: &[Situation]) -> Vec<Line> {
    let widest = |of: fn(&Situation) -> usize, least| situations.iter().map(of).max().unwrap_or(0).max(least);
    let (node, address) = (widest(|it| it.node.as_str().len(), 10), widest(|it| it.address.len(), 15));
    let text = |it: &Situation| format!("{:node$} {:address$} {}", it.node, it.address, it.seen);
    situations.iter().map(|it| Line::new(Tone::Plain, text(it)).hang(node + address + 2)).collect()
}

fn stage_lines<A: Action>(out: &mut Vec<Line>, number: usize, stage: &Stage<A>, widest: usize) {
    let width = match stage.width {
        Width::NodesInParallel => " (all nodes at once)",
        Width::Serial | Width::OneByOne => "",
    };
    let lines = stage.steps.iter().flat_map(|step| {
        let what = format!("{:widest$} {}", step.id, step.action.summary());
        let why = format!("{:indent$}because {}", "", step.why, indent = widest + 2);
        [Line::new(Tone::Plain, what), Line::new(Tone::Faint, why)].map(|line| line.hang(widest + 3))
    });
    section(out, &format!("{number}. {}{width}", stage.title), lines);
}

/// One refusal a paragraph: guard, node, evidence, and what to do next.
pub fn refusals_text(refusals: &[Finding]) -> String {
    let paragraph =
        |refusal: &Finding| format!("refused[{}] {refusal}\n  next: {}\n", refusal.code, refusal.remedy);
    refusals.iter().map(paragraph).collect()
}
