//! What a plan does to arbitrators.
//!
//! They come in last and leave before the last node: with one of them in the view, a node that leaves is
//! not the last one for Galera, and its grastate.dat does not get the flag to start from.

use super::facts::ArbitratorFacts;
use super::judge::{counted, is_hindered, left_as_it_is, obstacles, own, seen};
use super::settings::{GARBD_FILE, GARBD_PACKAGE, Garbd};
use super::{Arbitrator, UNIT, unit};
use crate::galera::config::presentable;
use crate::galera::garbd::action::GarbdAction;
use crate::galera::judge::Basis;
use crate::galera::judge::codes;
use crate::galera::judge::component::{Member, members};
use crate::galera::tls;
use crate::galera::tls::action::TlsAction;
use crate::kernel::facts::ConfigFile;
use crate::kernel::judge::{Finding, Remedy};
use crate::kernel::model::NodeName;
use crate::kernel::plan::{Action, Check, Follows, HostAction, PutFile, Step, diff};

/// An action that can be one of this role, or one of any host.
pub trait Acts: Action + From<GarbdAction> + From<TlsAction> + From<HostAction> {}

impl<A: Action + From<GarbdAction> + From<TlsAction> + From<HostAction>> Acts for A {}

/// What the role adds to a plan: steps, and warnings that say why it could not add others.
pub struct Added<A> {
    pub steps: Vec<Step<A>>,
    pub warnings: Vec<String>,
}

/// The steps that set up the arbitrators where that is possible, once `nodes` are the cluster; `standing` are the nodes
/// that are the cluster already.
pub fn enlist<A: Acts>(basis: &Basis<'_>, nodes: &[NodeName], standing: &[Member<'_>]) -> Added<A> {
    let obstacles = obstacles(basis);
    let mut steps = Vec::new();
    for (arbitrator, facts) in seen(basis) {
        if !is_hindered(&obstacles, arbitrator) {
            steps.extend(steps_of(basis, arbitrator, facts, nodes, standing));
        }
    }
    Added { steps, warnings: obstacles.iter().map(left_as_it_is).collect() }
}

/// Restarts those that run and are not as this inventory wants them, so that they take clear text and TLS.
pub fn take_both<A: Acts>(basis: &Basis<'_>, nodes: &[NodeName]) -> Vec<Step<A>> {
    let obstacles = obstacles(basis);
    let mut steps = Vec::new();
    for (arbitrator, facts) in seen(basis).filter(|(_, facts)| facts.runs()) {
        let wanted = Garbd::of(basis.inventory, arbitrator);
        if is_hindered(&obstacles, arbitrator) || wanted.in_force(&facts.arguments) {
            continue;
        }
        steps.extend(tls::steps::before_start(basis, &arbitrator.name));
        steps.extend(config_step(arbitrator, &wanted, facts).map(|step| step.in_round("both")));
        let most_members = basis.inventory.size();
        let restart = TlsAction::Restart { stage: Some("both".into()), nodes: nodes.to_vec(), most_members };
        let why = "it takes clear text and TLS until all have changed";
        steps.push(Step::new(&tls::wanted::placed(arbitrator), restart, why));
    }
    steps
}

/// Starts the arbitrators that are configured as the inventory says, but do not run, or not with these
/// nodes: a recovery changes no configuration. Where `stopped`, the plan has stopped those that ran.
pub fn call_back<A: Acts>(basis: &Basis<'_>, nodes: &[NodeName], stopped: bool) -> Added<A> {
    let standing = &members(basis);
    let mut obstacles = obstacles(basis);
    let mut steps = Vec::new();
    for (arbitrator, facts) in seen(basis) {
        if is_hindered(&obstacles, arbitrator) || counted(basis, standing, facts) == Some(true) {
            continue;
        }
        if let Some(obstacle) = not_as_configured(basis, arbitrator, facts) {
            obstacles.push(obstacle);
            continue;
        }
        let mut lacking = tls::steps::refusals(basis, |name| *name == arbitrator.name).into_iter();
        if let Some(lacking) = lacking.find(|it| it.node.as_ref() == Some(&arbitrator.name)) {
            obstacles.push(lacking);
            continue;
        }
        steps.extend(tls::steps::before_start(basis, &arbitrator.name));
        let running = Some(facts).filter(|facts| facts.runs() && !stopped);
        steps.push(start_step(basis, arbitrator, nodes, running));
    }
    Added { steps, warnings: obstacles.iter().map(left_as_it_is).collect() }
}

fn not_as_configured(basis: &Basis<'_>, arbitrator: &Arbitrator, facts: &ArbitratorFacts) -> Option<Finding> {
    let evidence = if !in_place(&Garbd::of(basis.inventory, arbitrator), facts.config.as_ref(), arbitrator) {
        format!("{GARBD_FILE} is not what the inventory says")
    } else if !facts.unit.is_enabled() {
        format!("{UNIT}.service is disabled, as after its removal")
    } else {
        return None;
    };
    let next = Remedy::galactl("plan", &[]).and(", after this");
    Some(Finding::new(codes::CONFIG_DRIFT, evidence, next).on(&arbitrator.name))
}

/// Stops every arbitrator that runs.
pub fn stops<A: Acts>(basis: &Basis<'_>, why: &str) -> Vec<Step<A>> {
    let running = own(basis).filter(|(_, facts)| facts.runs());
    running.map(|(arbitrator, _)| Step::new(arbitrator, GarbdAction::Stop { for_good: false }, why)).collect()
}

/// Stops these arbitrators for good, apart from those that are stopped already.
pub fn removals<A: Acts>(basis: &Basis<'_>, names: &[NodeName]) -> Vec<Step<A>> {
    let named = seen(basis).filter(|(arbitrator, _)| names.contains(&arbitrator.name));
    let present = named.filter(|(_, facts)| facts.runs() || facts.unit.is_enabled());
    let why = "its host's next start would bring its vote back";
    present.map(|(arbitrator, _)| Step::new(arbitrator, GarbdAction::Stop { for_good: true }, why)).collect()
}

/// The steps that an arbitrator needs to be counted, also after a restart of its host.
fn steps_of<A: Acts>(
    basis: &Basis<'_>,
    arbitrator: &Arbitrator,
    facts: &ArbitratorFacts,
    nodes: &[NodeName],
    standing: &[Member<'_>],
) -> Vec<Step<A>> {
    let wanted = Garbd::of(basis.inventory, arbitrator);
    let mut steps = Vec::new();
    if facts.package.is_none() {
        let action = HostAction::InstallPackages { packages: vec![GARBD_PACKAGE.into()] };
        steps.push(Step::new(arbitrator, action, "it is missing here; its own start is held back"));
    }
    steps.extend(tls::steps::before_start(basis, &arbitrator.name));
    steps.extend(config_step(arbitrator, &wanted, facts));
    if counted(basis, standing, facts) != Some(true) || !wanted.in_force(&facts.arguments) {
        steps.push(start_step(basis, arbitrator, nodes, Some(facts).filter(|facts| facts.runs())));
    }
    if !facts.unit.is_enabled() {
        let why = "its vote must come back by itself after a reboot";
        steps.push(Step::new(arbitrator, HostAction::EnableUnit { unit: unit() }, why));
    }
    steps
}

/// Writes the arbitrator's settings where they differ.
fn config_step<A: Acts>(arbitrator: &Arbitrator, wanted: &Garbd, facts: &ArbitratorFacts) -> Option<Step<A>> {
    let there = facts.config.as_ref();
    if in_place(wanted, there, arbitrator) {
        return None;
    }
    let why = match there {
        None => "it has no settings for this cluster",
        Some(_) if wanted.in_force(&facts.arguments) => {
            "the list of nodes changed; a running arbitrator reads it at its next start"
        }
        Some(_) => "the file is not what the inventory says",
    };
    Some(Step::new(arbitrator, HostAction::PutFile(put(arbitrator, wanted, there)), why))
}

/// Updates the list of nodes in the settings of arbitrators that have such a file already.
pub fn lists<'a, A: Acts>(basis: &Basis<'a>) -> impl Iterator<Item = Step<A>> + use<'a, A> {
    let inventory = basis.inventory;
    own(basis).filter(|(_, facts)| facts.config.is_some()).filter_map(move |(arbitrator, facts)| {
        config_step(arbitrator, &Garbd::of(inventory, arbitrator), facts)
    })
}

/// `running`: its daemon, where that is to be restarted.
fn start_step<A: Acts>(
    basis: &Basis<'_>,
    arbitrator: &Arbitrator,
    nodes: &[NodeName],
    running: Option<&ArbitratorFacts>,
) -> Step<A> {
    let wanted = Garbd::of(basis.inventory, arbitrator);
    let why = match running {
        None => "its vote keeps a majority where half of the nodes are lost",
        Some(facts) if wanted.in_force(&facts.arguments) => "it runs, and is not in the cluster's view",
        Some(_) => "its settings are read only at its start",
    };
    let action = GarbdAction::Start {
        nodes: nodes.to_vec(),
        most_members: basis.inventory.size(),
        again: running.is_some(),
    };
    Step::new(arbitrator, action, why)
}

fn in_place(wanted: &Garbd, there: Option<&ConfigFile>, arbitrator: &Arbitrator) -> bool {
    put(arbitrator, wanted, there).is_there(there)
}

fn put(arbitrator: &Arbitrator, wanted: &Garbd, there: Option<&ConfigFile>) -> PutFile {
    let text = wanted.text();
    let before = there.map(|there| presentable(&there.text, &text));
    PutFile {
        check: Check::shell(),
        follows: Follows::Restart(unit()),
        diff: diff(&arbitrator.host, GARBD_FILE, before.as_deref(), &text),
        ..PutFile::of_root(&arbitrator.host, GARBD_FILE, text, there)
    }
}
