//! A plan, and a refusal, as a person reads them.

use std::fmt::Write;

use super::action::Action;
use super::{Command, Plan, Refusal, Stage, Width};
use crate::facts::{HostFacts, NodeState};
use crate::model::NodeName;
use crate::model::words::count;

/// The whole plan: what is there, what follows from it, what is done, and every file's diff.
pub fn text(plan: &Plan) -> String {
    let mut out = headline(plan) + "\n";
    section(
        &mut out,
        "Now",
        plan.situation
            .iter()
            .chain(&plan.arbitrators)
            .map(|line| format!("{:10} {:15} {}", line.node, line.address, line.seen)),
    );
    section(&mut out, "What it means", plan.consequences.iter().cloned());
    section(&mut out, "Warnings", plan.warnings.iter().cloned());
    if plan.is_empty() {
        let _ = writeln!(out, "\nNothing to do: {}.", why_nothing(plan));
        return out;
    }
    for (number, stage) in plan.stages.iter().enumerate() {
        stage_text(&mut out, number + 1, stage);
    }
    for step in plan.steps() {
        if let Action::PutFile(file) = &step.action {
            let _ = write!(out, "\n{}", file.diff);
        }
    }
    let _ =
        writeln!(out, "\n{} in {}.", count(plan.steps().count(), "step"), count(plan.stages.len(), "stage"));
    out
}

/// Why a plan is empty.
pub(super) fn why_nothing(plan: &Plan) -> &'static str {
    match plan.command {
        Command::RemoveNode { .. } => "that was done already",
        _ => "the cluster stands as the inventory says",
    }
}

/// What is planned, in one line.
pub(super) fn headline(plan: &Plan) -> String {
    let cluster = &plan.cluster;
    match &plan.command {
        Command::Bootstrap { seed } => {
            format!("Bootstrap of cluster `{cluster}`: {}, seed {seed}", count(plan.situation.len(), "node"))
        }
        Command::AddNode { nodes } => {
            let names: Vec<_> = nodes.iter().map(ToString::to_string).collect();
            format!("Adding {} to cluster `{cluster}`", names.join(", "))
        }
        Command::RemoveNode { nodes, .. } => format!("Removing {} from cluster `{cluster}`", all_or(nodes)),
        Command::RemoveArbitrators { arbitrators } => {
            format!("Removing {} from cluster `{cluster}`", all_or(arbitrators))
        }
        Command::Recover { seed: Some(seed), forced: true, .. } => {
            format!("Recovery of cluster `{cluster}`, FORCED from {seed}")
        }
        Command::Recover { .. } => format!("Recovery of cluster `{cluster}`"),
        Command::Restart { nodes, .. } => format!("Restart of {} of cluster `{cluster}`", all_or(nodes)),
        Command::Stop { nodes } => format!("Stop of {} of cluster `{cluster}`", all_or(nodes)),
        Command::Start { nodes } => format!("Start of {} of cluster `{cluster}`", all_or(nodes)),
        Command::ApplyConfig { .. } => format!("Changing the configuration of cluster `{cluster}`"),
    }
}

fn all_or(nodes: &[NodeName]) -> String {
    match nodes {
        [] => "all nodes".into(),
        nodes => nodes.iter().map(ToString::to_string).collect::<Vec<_>>().join(", "),
    }
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

fn stage_text(out: &mut String, number: usize, stage: &Stage) {
    let width = match stage.width {
        Width::NodesInParallel => " (all nodes at once)",
        Width::Serial => "",
    };
    let lines = stage
        .steps
        .iter()
        .map(|step| format!("{:22} {}\n{:26}because {}", step.id, step.action.summary(), "", step.why));
    section(out, &format!("{number}. {}{width}", stage.title), lines);
}

/// One refusal a paragraph: guard, node, evidence, and what to do next.
pub fn refusals_text(refusals: &[Refusal]) -> String {
    let mut out = String::new();
    for refusal in refusals {
        let node = refusal.node.as_ref().map_or_else(String::new, |node| format!("{node}: "));
        let _ = writeln!(out, "refused[{}] {node}{}", refusal.guard.as_str(), refusal.evidence);
        let _ = writeln!(out, "  next: {}", refusal.next);
    }
    out
}

/// A host in one line.
pub(super) fn describe(facts: &HostFacts) -> String {
    let version = facts.server.map_or_else(|| "no server".to_owned(), |version| format!("MariaDB {version}"));
    let state = match facts.state() {
        NodeState::Fresh if facts.server_runs() => "runs standalone".to_owned(),
        NodeState::Fresh => "stopped, never in a cluster".to_owned(),
        NodeState::Primary { .. } => facts.live().map_or_else(String::new, |live| {
            format!(
                "member of `{}`, Primary, {}, one of {}",
                live.cluster_name, live.local_state, live.cluster_size
            )
        }),
        NodeState::Mute { .. } if facts.unit.active == "activating" => "is starting".to_owned(),
        other => other.to_string(),
    };
    let removed = facts.removed().map_or("", |_| "removed by galactl, ");
    let schemas = match facts.datadir.schemas.len() {
        0 => "no databases of users".to_owned(),
        n => format!("{} of users", count(n, "database")),
    };
    format!("{}, {version}, {removed}{state}, {schemas}", facts.os)
}
