//! Arbitrators (garbd): members that vote and hold no data.
//!
//! They come in last and leave before the last node: with one of them in the view, a node that leaves is
//! not the last one for Galera, and its grastate.dat does not get the flag to start from.

use super::action::{Action, PutFile};
use super::component::{Member, members};
use super::guard::{Guard, Refusal};
use super::{Basis, NoPlan, Plan, Step, Width, guards, preparation, refuse};
use crate::config::{GARBD_FILE, GARBD_PACKAGE, Garbd, presentable};
use crate::facts::{ArbitratorFacts, ConfigFile, Seen};
use crate::inventory::Arbitrator;
use crate::model::{NodeName, UnitName, sha256};

const OWNER: &str = "root";
const MODE: &str = "644";

/// The arbitrators whose hosts were seen, with what was seen there.
pub fn seen<'a>(basis: &Basis<'a>) -> impl Iterator<Item = (&'a Arbitrator, &'a ArbitratorFacts)> + use<'a> {
    let observation = basis.observation;
    let facts =
        move |arbitrator: &'a Arbitrator| Some((arbitrator, observation.arbitrator(&arbitrator.name)?));
    basis.inventory.arbitrators.iter().filter_map(facts)
}

/// Adds what the arbitrators lack that can be helped, once these nodes are the cluster; `standing` are
/// those that are it already. Why others are left as they are stands in the plan's warnings.
pub fn enlist(basis: &Basis<'_>, plan: &mut Plan, nodes: &[NodeName], standing: &[Member<'_>]) {
    let obstacles = obstacles(basis);
    let mut steps = Vec::new();
    for (arbitrator, facts) in seen(basis) {
        if !is_hindered(&obstacles, arbitrator) {
            steps.extend(steps_of(basis, arbitrator, facts, nodes, standing));
        }
    }
    plan.stage("Arbitrators", Width::Serial, steps);
    plan.warnings.extend(obstacles.iter().map(left_as_it_is));
}

/// Adds the start of those that are configured as the inventory says, but do not run, or not with these
/// nodes: a recovery changes no configuration. Where `stopped`, the plan has stopped those that ran.
pub fn call_back(basis: &Basis<'_>, plan: &mut Plan, nodes: &[NodeName], stopped: bool) {
    let standing = &members(basis);
    let mut obstacles = obstacles(basis);
    let mut steps = Vec::new();
    for (arbitrator, facts) in seen(basis) {
        if is_hindered(&obstacles, arbitrator) || counted(basis, standing, facts) == Some(true) {
            continue;
        }
        let evidence = if !in_place(&Garbd::of(basis.inventory, arbitrator), facts.config.as_ref()) {
            Some(format!("{GARBD_FILE} is not what the inventory says"))
        } else if !facts.unit.is_enabled() {
            Some(format!("{}.service is disabled, as after its removal", UnitName::garbd()))
        } else {
            None
        };
        if let Some(evidence) = evidence {
            let next = "galactl plan inventory.yaml, after this";
            obstacles.push(Refusal::new(Guard::ConfigDrift, evidence, next).on(&arbitrator.name));
            continue;
        }
        let running = Some(facts).filter(|facts| facts.runs() && !stopped);
        steps.push(start_step(basis, arbitrator, nodes, running));
    }
    plan.stage("Arbitrators", Width::Serial, steps);
    plan.warnings.extend(obstacles.iter().map(left_as_it_is));
}

/// A plan with nothing to do says that the cluster stands as the inventory says: not so where an arbitrator
/// was left as it is.
///
/// Errors: why it was.
pub fn not_silently(basis: &Basis<'_>, plan: Plan) -> Result<Plan, NoPlan> {
    if plan.is_empty() {
        refuse(obstacles(basis))?;
    }
    Ok(plan)
}

fn is_hindered(obstacles: &[Refusal], arbitrator: &Arbitrator) -> bool {
    obstacles.iter().any(|obstacle| obstacle.node.as_ref() == Some(&arbitrator.name))
}

pub fn left_as_it_is(obstacle: &Refusal) -> String {
    let node = obstacle.node.as_ref().map_or_else(String::new, |node| format!("{node}: "));
    format!("{node}left as it is, {}; next: {}", obstacle.evidence, obstacle.next)
}

/// Those that are certainly this cluster's: nothing is done on the host of another one.
fn own<'a>(basis: &Basis<'a>) -> impl Iterator<Item = (&'a Arbitrator, &'a ArbitratorFacts)> + use<'a> {
    let mut others = obstacles(basis);
    others.retain(|it| is_anothers(it.guard));
    seen(basis).filter(move |(it, _)| others.iter().all(|other| other.node.as_ref() != Some(&it.name)))
}

/// The host is not the one that the inventory means.
pub fn is_anothers(guard: Guard) -> bool {
    matches!(guard, Guard::PrimaryAlive | Guard::WrongAddress | Guard::SameMachine)
}

/// Stops every arbitrator that runs.
pub fn stops(basis: &Basis<'_>, why: &str) -> Vec<Step> {
    let running = own(basis).filter(|(_, facts)| facts.runs());
    running
        .map(|(arbitrator, _)| Step::new(&arbitrator.name, Action::StopArbitrator { for_good: false }, why))
        .collect()
}

/// [`counted`], by the nodes that are Primary.
pub fn counted_now(basis: &Basis<'_>, facts: &ArbitratorFacts) -> Option<bool> {
    counted(basis, &members(basis), facts)
}

/// Its daemon is a member of the standing component; `None` where that cannot be told.
fn counted(basis: &Basis<'_>, standing: &[Member<'_>], facts: &ArbitratorFacts) -> Option<bool> {
    if !facts.runs() {
        return Some(false);
    }
    let first = standing.first()?;
    let by_name = first.facts.datadir.gvwstate.view().and_then(|view| facts.is_in(view));
    let others = usize::try_from(first.live.cluster_size).ok()?.saturating_sub(standing.len());
    let by_size = match others {
        0 => Some(false),
        others if others >= basis.inventory.arbitrators.len() => Some(true),
        _ => None,
    };
    by_name.or(by_size)
}

/// What it needs to be counted, and to stay so over a restart of its host.
fn steps_of(
    basis: &Basis<'_>,
    arbitrator: &Arbitrator,
    facts: &ArbitratorFacts,
    nodes: &[NodeName],
    standing: &[Member<'_>],
) -> Vec<Step> {
    let wanted = Garbd::of(basis.inventory, arbitrator);
    let step = |action, why: &str| Step::new(&arbitrator.name, action, why);
    let mut steps = Vec::new();
    if facts.package.is_none() {
        let action = Action::InstallArbitrator { package: GARBD_PACKAGE.into() };
        steps.push(step(action, "it is missing here; its own start is held back"));
    }
    steps.extend(config_step(arbitrator, &wanted, facts));
    if counted(basis, standing, facts) != Some(true) || !wanted.in_force(&facts.arguments) {
        steps.push(start_step(basis, arbitrator, nodes, Some(facts).filter(|facts| facts.runs())));
    }
    if !facts.unit.is_enabled() {
        let action = Action::EnableUnit { unit: UnitName::garbd() };
        steps.push(step(action, "its vote must come back by itself after a reboot"));
    }
    steps
}

/// Writes its settings where they differ.
fn config_step(arbitrator: &Arbitrator, wanted: &Garbd, facts: &ArbitratorFacts) -> Option<Step> {
    let there = facts.config.as_ref();
    if in_place(wanted, there) {
        return None;
    }
    let why = match there {
        None => "it has no settings for this cluster",
        Some(_) if wanted.in_force(&facts.arguments) => {
            "the list of nodes changed; a running arbitrator reads it at its next start"
        }
        Some(_) => "the file is not what the inventory says",
    };
    Some(Step::new(&arbitrator.name, Action::PutFile(put(arbitrator, wanted, there)), why))
}

/// The list of nodes for those that have one already.
pub fn lists<'a>(basis: &Basis<'a>) -> impl Iterator<Item = Step> + use<'a> {
    let inventory = basis.inventory;
    own(basis).filter(|(_, facts)| facts.config.is_some()).filter_map(move |(arbitrator, facts)| {
        config_step(arbitrator, &Garbd::of(inventory, arbitrator), facts)
    })
}

/// `running`: its daemon, where that is to be restarted.
fn start_step(
    basis: &Basis<'_>,
    arbitrator: &Arbitrator,
    nodes: &[NodeName],
    running: Option<&ArbitratorFacts>,
) -> Step {
    let wanted = Garbd::of(basis.inventory, arbitrator);
    let why = match running {
        None => "its vote keeps a majority where half of the nodes are lost",
        Some(facts) if wanted.in_force(&facts.arguments) => "it runs, and is not in the cluster's view",
        Some(_) => "its settings are read only at its start",
    };
    let action = Action::StartArbitrator {
        nodes: nodes.to_vec(),
        most_members: basis.inventory.size(),
        again: running.is_some(),
    };
    Step::new(&arbitrator.name, action, why)
}

fn in_place(wanted: &Garbd, there: Option<&ConfigFile>) -> bool {
    there.is_some_and(|there| {
        there.text == wanted.text() && (&*there.mode, &*there.owner, &*there.group) == (MODE, OWNER, OWNER)
    })
}

fn put(arbitrator: &Arbitrator, wanted: &Garbd, there: Option<&ConfigFile>) -> PutFile {
    let text = wanted.text();
    let before = there.map(|there| presentable(&there.text, &text));
    PutFile {
        owner: OWNER.into(),
        group: OWNER.into(),
        mode: MODE.into(),
        sha256: sha256(&text),
        library: None,
        without: Vec::new(),
        replaces: there.is_some(),
        diff: preparation::diff(&arbitrator.name, GARBD_FILE, before.as_deref(), &text),
        path: GARBD_FILE.into(),
    }
}

/// Why arbitrators cannot be helped as things are: of each, the first reason.
pub fn obstacles(basis: &Basis<'_>) -> Vec<Refusal> {
    let obstacle = |arbitrator: &Arbitrator| {
        let refusal = match basis.observation.arbitrators.get(&arbitrator.name) {
            Some(Seen::Facts(facts)) => on_host(basis, arbitrator, facts)?,
            Some(Seen::Unreachable(why)) => guards::not_seen(why, &arbitrator.ssh),
            None => guards::not_seen(guards::NOT_LOOKED_AT, &arbitrator.ssh),
        };
        Some(refusal.on(&arbitrator.name))
    };
    basis.inventory.arbitrators.iter().filter_map(obstacle).collect()
}

fn on_host(basis: &Basis<'_>, arbitrator: &Arbitrator, facts: &ArbitratorFacts) -> Option<Refusal> {
    let unit = UnitName::garbd();
    if let Some(group) = facts.group().filter(|group| **group != basis.inventory.cluster.as_str()) {
        let evidence = format!("its garbd has a vote in another cluster, `{group}`");
        let next = "name another host under `arbitrators`, or take this one out of that cluster first";
        return Some(Refusal::new(Guard::PrimaryAlive, evidence, next));
    }
    if let Some(refusal) = guards::wrong_address(&arbitrator.address, &arbitrator.ssh, &facts.addresses) {
        return Some(refusal);
    }
    if facts.unit.is_masked() {
        let evidence = format!("{unit}.service is masked: somebody decided that it must not run here");
        let next = format!("on that host: sudo systemctl unmask {unit}");
        return Some(Refusal::new(Guard::UnitMasked, evidence, next));
    }
    if !facts.processes.is_empty() && !facts.unit.is_up() {
        let evidence = format!("garbd runs, but {unit}.service is {}", facts.unit.active);
        let next = "on that host: pgrep -a garbd; then stop what started it";
        return Some(Refusal::new(Guard::StrayServer, evidence, next));
    }
    on_a_node(basis, facts).or_else(|| not_installed(basis, facts))
}

/// Both would want one port, and fail together.
fn on_a_node(basis: &Basis<'_>, facts: &ArbitratorFacts) -> Option<Refusal> {
    if facts.machine_id.is_empty() || facts.addresses.is_empty() {
        return None;
    }
    let mut nodes = basis.nodes();
    let twin =
        nodes.find(|(_, node)| node.machine_id == facts.machine_id && node.addresses == facts.addresses);
    twin.map(|(node, _)| {
        let evidence = format!("it is the same machine as {}", node.name);
        Refusal::new(Guard::SameMachine, evidence, "give the arbitrator a machine of its own")
    })
}

fn not_installed(basis: &Basis<'_>, facts: &ArbitratorFacts) -> Option<Refusal> {
    if facts.package.is_some() {
        return None;
    }
    if !basis.inventory.install {
        let evidence = format!("{GARBD_PACKAGE} is not installed");
        let next = format!(
            "set `cluster.install: true` in the inventory, or on that host: sudo apt-get install {GARBD_PACKAGE}"
        );
        return Some(Refusal::new(Guard::NotInstalled, evidence, next));
    }
    (!facts.debian_family).then(|| {
        let evidence = format!("galactl installs packages with apt, and this is {}", facts.os);
        Refusal::new(Guard::NotSupported, evidence, "use a host of Debian's family as the arbitrator")
    })
}

/// A daemon that runs where no cluster is known belongs to one that lives, or lived until just now.
pub fn alive(basis: &Basis<'_>) -> Vec<Refusal> {
    let unit = UnitName::garbd();
    let evidence = "garbd runs there: some cluster may be alive that has its vote";
    let next = format!(
        "on that host: journalctl -u {unit} tells which one; if it is none, sudo systemctl stop {unit}"
    );
    let running = seen(basis).filter(|(_, facts)| facts.runs());
    let refusal = |(arbitrator, _): (&Arbitrator, _)| {
        Refusal::new(Guard::PrimaryAlive, evidence, next.clone()).on(&arbitrator.name)
    };
    running.map(refusal).collect()
}

/// An arbitrator's host in one line.
pub fn describe(facts: &ArbitratorFacts) -> String {
    let version = facts.package.as_ref().map_or_else(String::new, |version| format!("garbd {version}, "));
    format!("{}, {version}{}, arbitrator", facts.os, facts.state())
}
