//! What a plan that was not carried out to its end leaves: servers that are down by it, and how to go on.

use std::collections::BTreeSet;

use super::{Action, Command, Plan, ServerAction, Step};
use crate::galera::health::action::HealthAction;
use crate::galera::inventory::ROLE;
use crate::kernel::judge::PLACE;
use crate::kernel::model::{NodeName, UnitName};
use crate::kernel::plan::{HostAction, PutFile};
use crate::kernel::run::host_act::previous;

/// The nodes whose servers the plan stopped and was to start again, and did not come to. Of a node at whose start
/// it failed, that start itself tells.
pub fn down(plan: &Plan, finished: &BTreeSet<String>, failed: &str, unit: &UnitName) -> Vec<String> {
    let nodes: BTreeSet<&NodeName> = plan.steps().map(|step| &step.node).collect();
    let is_down = |node: &&NodeName| is_down(plan, finished, failed, node);
    let down: Vec<&NodeName> = nodes.into_iter().filter(is_down).collect();
    if down.is_empty() {
        return Vec::new();
    }
    let names: Vec<_> = down.iter().map(ToString::to_string).collect();
    let (names, are) = (names.join(", "), if down.len() == 1 { "is" } else { "are" });
    let said =
        format!("{names} {are} down: this run has stopped the server there, and has not started it again");
    let starts = down.iter().map(|node| {
        let undo = of(plan, node).filter(|step| finished.contains(&step.id)).filter_map(undo).last();
        let undo = undo.map_or_else(String::new, |undo| format!("{undo} && "));
        format!("to start {node} as it was, on {node}: {undo}sudo systemctl start {unit}")
    });
    std::iter::once(said).chain(starts).collect()
}

/// The nodes that the plan has drained, and has not taken out: proxies send no clients to them. `tried`: the step that
/// failed, where it was begun; a leave that fails lets clients in again.
pub fn drained(plan: &Plan, finished: &BTreeSet<String>, tried: Option<&str>) -> Vec<String> {
    let is_drained = |node: &&NodeName| {
        of(plan, node).fold(false, |drained, step| match &step.action {
            Action::Health(HealthAction::Drain { .. }) => finished.contains(&step.id),
            Action::Health(HealthAction::Serve) => drained && !finished.contains(&step.id),
            // One that fails lets clients in again.
            Action::Server(ServerAction::AlterAlone { .. }) => drained && tried != Some(step.id.as_str()),
            Action::Server(ServerAction::Leave { .. }) => {
                drained && !finished.contains(&step.id) && tried != Some(step.id.as_str())
            }
            _ => drained,
        })
    };
    let nodes: BTreeSet<&NodeName> = plan.steps().map(|step| &step.node).collect();
    let drained = nodes.into_iter().filter(is_drained);
    drained
        .map(|node| format!("{node} is still drained: galactl apply-config {PLACE} lets clients in again"))
        .collect()
}

fn is_down(plan: &Plan, finished: &BTreeSet<String>, failed: &str, node: &NodeName) -> bool {
    let mut down = false;
    for step in of(plan, node) {
        match &step.action {
            Action::Server(ServerAction::StopServer { .. } | ServerAction::Leave { .. }) => {
                down = finished.contains(&step.id);
            }
            Action::Server(action) if starts(action) => {
                if finished.contains(&step.id) {
                    down = false;
                    continue;
                }
                let told = step.id == failed && matches!(action, ServerAction::Join { .. });
                return down && !told;
            }
            _ => {}
        }
    }
    false
}

fn starts(action: &ServerAction) -> bool {
    matches!(
        action,
        ServerAction::Join { .. } | ServerAction::NewCluster { .. } | ServerAction::RestartCluster { .. }
    )
}

fn of<'a>(plan: &'a Plan, node: &'a NodeName) -> impl Iterator<Item = &'a Step> {
    plan.steps().filter(move |step| step.node == *node)
}

/// What takes a server's option file back that was put in place.
fn undo(step: &Step) -> Option<String> {
    let Action::Host(HostAction::PutFile(file)) = &step.action else { return None };
    if step.role() != ROLE || file.artefact != PutFile::SETTINGS {
        return None;
    }
    let path = &file.path;
    Some(match file.replaces {
        true => format!("sudo mv -- {} {path}", previous(path)),
        false => format!("sudo rm -- {path}"),
    })
}

/// A restart does not see of a node that it was restarted, so the same command would begin with all of them again.
pub fn resume(plan: &Plan, finished: &BTreeSet<String>) -> Option<String> {
    let Command::Restart { allow_sst, .. } = &plan.command else { return None };
    let done = |node: &NodeName, is: fn(&ServerAction) -> bool| {
        of(plan, node).any(|step| match &step.action {
            Action::Server(action) => is(action) && finished.contains(&step.id),
            _ => false,
        })
    };
    let leaving =
        plan.steps().filter(|step| matches!(step.action, Action::Server(ServerAction::Leave { .. })));
    let nodes: Vec<&NodeName> = leaving.map(|step| &step.node).collect();
    let is_back = |node: &&NodeName| done(node, |action| matches!(action, ServerAction::Join { .. }));
    let is_away = |node: &&NodeName| {
        !is_back(node) && done(node, |action| matches!(action, ServerAction::Leave { .. }))
    };
    let command = |verb: &str, nodes: &[&NodeName]| {
        let names: Vec<_> = nodes.iter().map(ToString::to_string).collect();
        format!("galactl {verb} {PLACE} {}", names.join(" "))
    };
    let away: Vec<&NodeName> = nodes.iter().copied().filter(is_away).collect();
    let left: Vec<&NodeName> =
        nodes.iter().copied().filter(|node| !is_back(node) && !is_away(node)).collect();
    if left.len() == nodes.len() {
        return None;
    }
    let mut commands = Vec::new();
    if !away.is_empty() {
        commands.push(command("start", &away));
    }
    if !left.is_empty() {
        commands.push(command("restart", &left) + if *allow_sst { " --allow-sst" } else { "" });
    }
    let again = match nodes.iter().any(is_back) {
        true => " The same command again would begin with the nodes that are done already.",
        false => "",
    };
    (!commands.is_empty()).then(|| format!("To go on: {}.{again}", commands.join(", then ")))
}
